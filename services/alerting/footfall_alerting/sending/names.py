"""Look-ups of names that hold up nobody else's, and no exit of the process."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from typing import Any


class Names:
    """Looks up names, one thread for each that is being looked up."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, int], asyncio.Future[Sequence[str]]] = {}

    async def find(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host, in the system's order of preference.

        Raises:
            OSError: It has none.
            UnicodeError: It cannot be a name.
        """
        # Who asks for a name that is being looked up waits for the same answer.
        found = self._asked.get((host, port))
        if found is None:
            found = self._asked[host, port] = asyncio.get_running_loop().create_future()
            found.add_done_callback(lambda done: self._forget(host, port, done))
            # No thread of a pool: a name server that does not answer would take them all, and the exit would wait for them.
            threading.Thread(target=_look_up, args=(found, host, port), daemon=True).start()
        return await asyncio.shield(found)

    def _forget(self, host: str, port: int, done: "asyncio.Future[Sequence[str]]") -> None:
        del self._asked[host, port]
        if not done.cancelled():
            # Seen, though whoever has asked may be gone: asyncio would log it as one that nobody has looked at.
            done.exception()


def _look_up(found: "asyncio.Future[Sequence[str]]", host: str, port: int) -> None:
    answer: Any
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answer = [str(info[4][0]) for info in infos]
    except Exception as error:  # noqa: BLE001  the one who waits for it raises it
        answer = error

    def tell() -> None:
        if found.done():
            return
        if isinstance(answer, Exception):
            found.set_exception(answer)
        else:
            found.set_result(answer)

    try:
        found.get_loop().call_soon_threadsafe(tell)
    except RuntimeError:  # the loop is closed: nobody waits any more
        return
