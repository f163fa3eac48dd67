"""What can go wrong in alerting.

AlertingError
├── SecretError          a webhook secret is not `whsec_` and 24 to 64 bytes of base64
└── UnreadableJobError   a record of a retry topic is no job (permanent: dead letter)

A failed delivery is no exception but an `Outcome` (see policy.py): failing is what endpoints do.
"""


class AlertingError(Exception):
    """Base of the errors above."""


class SecretError(AlertingError, ValueError):
    """A webhook secret cannot be used."""


class UnreadableJobError(AlertingError, ValueError):
    """These bytes are no delivery job."""
