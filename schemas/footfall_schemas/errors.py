"""The base of everything that goes wrong and that a person, or waiting, can put right.

FootfallError          the message is one line: it names the input and what to do
├── TransientError     the same call may succeed later: a server is away, a cluster is busy
└── PermanentError     it fails until an input, a setting or a state has changed

Each error of Footfall is one of the two and stands beside what raises it. What is none of them is a fault of the code and
keeps its traceback.
"""


class FootfallError(Exception):
    """Base of both families."""


class TransientError(FootfallError):
    """Trying again may help."""


class PermanentError(FootfallError):
    """Trying again does not help."""
