"""What can go wrong in alerting.

PermanentError
├── SecretError          a webhook secret is not `whsec_` and 24 to 64 bytes of base64
├── UnreadableEventError a record of alerting's own events is none: dead letter
├── UnreadableJobError   a record of a topic of jobs or messages is none: dead letter
├── UnknownEndpointError no endpoint is configured under this id: 404
├── TopicForgetsError    a topic deletes what must stay until it is replaced: refused at start
└── TopicsDisagreeError  topics that are read together have other numbers of partitions: refused at start

TransientError
├── UnreachableError     there is no connection to a receiver, or may be none: an outcome like others
├── BusyError            another question about webhooks is being answered: 429
├── StandingsUnknownError   it is not read yet who is disabled: 503
└── NotTakenError        Kafka has not taken an event in time: 503

A failed delivery is no exception but an `Outcome` (see policy.py): failing is what endpoints do.
"""

from footfall_schemas.errors import PermanentError, TransientError


class SecretError(PermanentError, ValueError):
    """A webhook secret cannot be used."""


class UnreadableEventError(PermanentError, ValueError):
    """These bytes are not an event."""


class UnreadableJobError(PermanentError, ValueError):
    """These bytes are not a job."""


class UnknownEndpointError(PermanentError, LookupError):
    """No endpoint is configured under this id."""


class TopicsDisagreeError(PermanentError):
    """Topics that are read together have other numbers of partitions."""


class TopicForgetsError(PermanentError):
    """A topic deletes what must stay until it is replaced."""


class TopicsUnlistedError(TransientError):
    """Kafka does not list topics that were just created."""


class BusyError(TransientError):
    """As many questions are being answered as may be at once."""


class StandingsUnknownError(TransientError):
    """It is not read yet how endpoints stand."""


class NotTakenError(TransientError):
    """Kafka has not taken an event in time."""


class UnreachableError(TransientError, OSError):
    """There is no connection to a receiver, or may be none."""
