"""Ports of this machine: whether one is free, and who holds it."""

import errno
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

LOOPBACK = "127.0.0.1"
# Below the range from which the system picks ports of outgoing connections, which may take a port at any moment.
CHOICE = range(20_000, 32_000)


@dataclass(frozen=True)
class Holder:
    """A process that listens on a port."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


def is_free(port: int) -> bool:
    """Say whether a program could listen on this port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A connection of the last run that is still closing does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error.errno not in {errno.EADDRINUSE, errno.EACCES}
    # macOS lets one bind beside a program that listens on every interface.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((LOOPBACK, port)) != 0


def holder(port: int) -> Holder | None:
    """Return who listens on the port; None when nobody does or the system does not tell."""
    for pid, listening in _listeners():
        if listening == port:
            return _named(pid)
    return None


def choose(count: int) -> list[int]:
    """Return that many different free ports."""
    candidates = random.sample(CHOICE, len(CHOICE))
    free = (port for port in candidates if is_free(port))
    return [next(free) for _ in range(count)]


def _listeners() -> Iterator[tuple[int, int]]:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.pid is not None:
                yield connection.pid, connection.laddr.port
    except psutil.AccessDenied:
        # macOS tells all only to root, but each process of one's own.
        for process in psutil.process_iter():
            yield from _listeners_of(process)


def _listeners_of(process: psutil.Process) -> Iterator[tuple[int, int]]:
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.Error:
        return
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr:
            yield process.pid, connection.laddr.port


def _named(pid: int) -> Holder:
    try:
        return Holder(pid, psutil.Process(pid).name())
    except psutil.Error:
        return Holder(pid, "a process")
