"""Who may do what in Kafka and the registry: the one list of principals, made from the facts of the topics. Pure.

Every part has a principal of its own with what it needs and no more. `admin` is for people and their commands, `kafka` is
the broker itself; both may do everything, and nobody else may do anything that is not listed here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from footfall_schemas.topics import RECORDED, load_topics

Resource: TypeAlias = Literal["topic", "group", "transactional_id"]
Operation: TypeAlias = Literal["create", "describe", "describe_configs", "read", "write"]
RegistryRole: TypeAlias = Literal["sr-admin", "sr-developer", ""]

BROKER = "kafka"
ADMIN = "admin"
SUPER_USERS = (BROKER, ADMIN)


@dataclass(frozen=True)
class Grant:
    """What may be done with one name, or with all names that begin with it; to read and to write include to describe."""

    resource: Resource
    name: str
    operations: tuple[Operation, ...]
    prefixed: bool = False

    def __str__(self) -> str:
        return (
            f"{self.resource.replace('_', ' ')} {self.name}{'*' if self.prefixed else ''}: {', '.join(self.operations)}"
        )


@dataclass(frozen=True)
class Principal:
    """Somebody with a password."""

    name: str
    purpose: str
    grants: tuple[Grant, ...] = ()
    registry_role: RegistryRole = "sr-developer"
    """Empty: it has no business there."""


def principals(prefix: str = "", job_name: str = "footfall") -> list[Principal]:
    """Return everybody there is.

    Args:
        prefix: Put before every topic, as the parts are told by their *_TOPIC_PREFIX.
        job_name: Name of the Flink job, after which its consumer groups and transactions are called.
    """
    events = [topic.name for topic in load_topics().values() if not topic.is_output]
    outputs = [topic.name for topic in load_topics().values() if topic.is_output]

    def topics(names: Iterable[str], *operations: Operation) -> list[Grant]:
        return [Grant("topic", prefix + name, operations) for name in names]

    return [
        Principal(BROKER, "the broker itself, and the first to make users", registry_role=""),
        Principal(ADMIN, "people and their commands", registry_role="sr-admin"),
        Principal("generator", "the simulated shop", (*topics(events, "create", "write"),)),
        Principal(
            "analytics",
            "the Flink job and its supervisor",
            (
                *topics(events, "create", "read"),
                # It reads what it wrote to fill PostgreSQL.
                *topics(outputs, "create", "read", "write"),
                Grant("group", prefix + job_name, ("read",), prefixed=True),
                *([Grant("group", job_name, ("read",), prefixed=True)] if prefix else []),
                Grant("transactional_id", prefix + job_name, ("write",), prefixed=True),
            ),
            registry_role="sr-admin",
        ),
        Principal(
            "alerting",
            "the sender of webhooks",
            (
                *topics(["inventory-alerts", "abandoned_carts"], "create", "read"),
                # It sees at start that none of them deletes what waits.
                Grant("topic", f"{prefix}alerting-", ("create", "describe_configs", "read", "write"), prefixed=True),
                Grant("group", f"{prefix}alerting", ("read",)),
            ),
        ),
        Principal(
            "recommender",
            "the answers which products go together",
            (
                # The recorded ones are its seed, if it is given one.
                *topics(["related-products", RECORDED + "related-products"], "create", "read"),
                Grant("topic", f"{prefix}recommender-", ("create", "write"), prefixed=True),
                Grant("group", f"{prefix}recommender-", ("read",), prefixed=True),
            ),
        ),
        Principal(
            "exporter",
            "what carries streams into other stores",
            (
                *topics(outputs, "read"),
                Grant("topic", f"{prefix}exporter-", ("create", "write"), prefixed=True),
                Grant("group", f"{prefix}exporter-", ("read",), prefixed=True),
            ),
        ),
        Principal(
            "dashboard",
            "the live page",
            (
                # It shows every topic's messages: outputs and events, what replays have computed, the services' own.
                *topics((*outputs, *events), "read"),
                *(
                    Grant("topic", prefix + beginning, ("read",), prefixed=True)
                    for beginning in (RECORDED, "alerting-", "recommender-", "exporter-")
                ),
                Grant("group", f"{prefix}dashboard", ("read",)),
                # How far they have read.
                *(
                    Grant("group", name, ("describe",), prefixed=True)
                    for name in sorted({prefix + job_name, job_name, f"{prefix}alerting"})
                ),
            ),
        ),
    ]
