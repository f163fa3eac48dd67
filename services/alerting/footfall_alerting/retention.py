"""Topics that must keep the newest record of each key, however old it is: what waits there is nowhere else."""

from collections.abc import Iterable, Mapping

from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType
from footfall_schemas.access_errors import asking

from footfall_alerting.errors import TopicForgetsError

POLICY = "cleanup.policy"
WITHIN = 30.0
"""Seconds the broker has to answer."""


def cleanup_policies(client: Mapping[str, str], topics: Iterable[str]) -> dict[str, str]:
    """Return what Kafka does with old records of each topic, such as `compact,delete`.

    Raises:
        AccessRefusedError: The broker refuses the user, or does not let it ask.
        BrokerAwayError: It did not answer.
    """
    admin, policies = AdminClient(dict(client)), {}
    for name in topics:
        resource = ConfigResource(ResourceType.TOPIC, name)
        with asking(client, f"describe the configuration of topic {name}"):
            (answer,) = admin.describe_configs([resource], request_timeout=WITHIN).values()
            policies[name] = str(answer.result()[POLICY].value)
    return policies


def check_kept(policies: Mapping[str, str]) -> None:
    """Refuse topics that delete records for their age or size.

    Raises:
        TopicForgetsError: One does; the message says which, and what to do.
    """
    for name, policy in policies.items():
        if policy != "compact":
            raise TopicForgetsError(
                f"topic {name} has {POLICY}={policy}, so that Kafka may delete what still waits there: set it with "
                f"kafka-configs --alter --entity-type topics --entity-name {name} --add-config {POLICY}=compact, "
                "and start again"
            )
