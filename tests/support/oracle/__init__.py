"""Every output computed again in plain Python, from the meanings in the README and the schemas' docs, not from the SQL."""

from support.oracle.oracle import STREAMS, Oracle
from support.oracle.rows import Message, Place, Row, is_due

__all__ = ["STREAMS", "Message", "Oracle", "Place", "Row", "is_due"]
