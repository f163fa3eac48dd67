"""Tells a broker its users and their rights, and the registry its rule; doing so again changes nothing."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from footfall_schemas.access import BROKER, Principal
from footfall_schemas.access_errors import access_error, check_credentials

TIMEOUT = 30.0
ITERATIONS = 8192
"""Rounds of SCRAM: what guessing a password costs."""


def ensure_users(client: Mapping[str, str], passwords: Mapping[str, str]) -> None:
    """Give every user its password; the broker keeps a salted hash.

    Raises:
        AccessRefusedError: Whoever asks may not.
        BrokerAwayError: No answer.
    """
    check_credentials(client)
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    changes = [
        UserScramCredentialUpsertion(user, info, password.encode())
        for user, password in passwords.items()
        # The broker's own is in its configuration: it must get in before it can know any user.
        if user != BROKER
    ]
    admin = AdminClient(dict(client))
    for user, future in admin.alter_user_scram_credentials(changes, request_timeout=TIMEOUT).items():
        _settle(future, client, f"change the password of {user}")


def ensure_rights(client: Mapping[str, str], principals: Iterable[Principal]) -> tuple[int, int]:
    """Let every principal do what the list says, and no more; return how many rights were given and taken.

    Raises:
        AccessRefusedError: Whoever asks may not.
        BrokerAwayError: No answer.
    """
    check_credentials(client)
    admin = AdminClient(dict(client))
    given = taken = 0
    for principal in principals:
        wanted, found = set(bindings(principal)), set(_existing(admin, client, principal.name))
        for future in _each(admin.create_acls, list(wanted - found)):
            _settle(future, client, f"grant rights to {principal.name}")
            given += 1
        for future in _each(admin.delete_acls, [_filter(binding) for binding in found - wanted]):
            _settle(future, client, f"revoke rights from {principal.name}")
            taken += 1
    return given, taken


def bindings(principal: Principal) -> Iterator[AclBinding]:
    """Yield a principal's rights in Kafka's words."""
    for grant in principal.grants:
        for operation in grant.operations:
            yield AclBinding(
                ResourceType[grant.resource.upper()],
                grant.name,
                ResourcePatternType.PREFIXED if grant.prefixed else ResourcePatternType.LITERAL,
                f"User:{principal.name}",
                "*",
                AclOperation[operation.upper()],
                AclPermissionType.ALLOW,
            )


def _existing(admin: AdminClient, client: Mapping[str, str], user: str) -> list[AclBinding]:
    anything = AclBindingFilter(
        ResourceType.ANY,
        None,
        ResourcePatternType.ANY,
        f"User:{user}",
        None,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    found: list[AclBinding] = _settle(
        admin.describe_acls(anything, request_timeout=TIMEOUT), client, f"list the rights of {user}"
    )
    return found


def _filter(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _each(request: Any, changes: list[Any]) -> "list[Future[Any]]":
    return list(request(changes, request_timeout=TIMEOUT).values()) if changes else []


def _settle(future: "Future[Any]", client: Mapping[str, str], action: str) -> Any:
    try:
        return future.result(TIMEOUT)
    except KafkaException as error:
        raise access_error(client, error.args[0], action) from None
