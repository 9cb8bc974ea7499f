"""Which controlling clients have fallen silent. Sans-I/O: clients and seconds in, stations out.

A PLC that has taken control of a station must be heard again and again, by any request of its; a station whose
`comm_timeout` is 0 is not watched.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from devices.endpoint import Client


@dataclass(slots=True)
class _Watched:
    client: Client
    heard_s: float
    lost: bool = False


class CommWatch:
    """The stations of one line that a client controls or has controlled since their key was turned."""

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}

    def __bool__(self) -> bool:
        return bool(self._watched)

    @property
    def stations(self) -> Iterable[str]:
        """Those that are watched now."""
        return self._watched

    def controls(self, station: str, client: Client, now_s: float) -> bool:
        """The client has written an output of the station. True where it was lost until now."""
        before = self._watched.get(station)
        self._watched[station] = _Watched(client, now_s)
        return before is not None and before.lost

    def heard(self, client: Client, now_s: float) -> list[str]:
        """Any request. The stations that are no longer lost by it."""
        back = []
        for station, watched in self._watched.items():
            if watched.client.key == client.key and watched.client.wire is client.wire:
                watched.heard_s = now_s
                if watched.lost:
                    watched.lost = False
                    back.append(station)
        return back

    def forget(self, station: str) -> None:
        """The key was turned: nobody controls it yet."""
        self._watched.pop(station, None)

    def clear(self) -> None:
        self._watched.clear()

    def pardon(self, now_s: float) -> None:
        """Time stood still for everybody."""
        for watched in self._watched.values():
            watched.heard_s = now_s

    def overdue(self, now_s: float, timeout_s: Callable[[str], float]) -> list[str]:
        """The stations that are lost from now on; each is named once."""
        found = []
        for station, watched in self._watched.items():
            limit_s = timeout_s(station)
            if limit_s > 0 and not watched.lost and now_s - watched.heard_s > limit_s:
                watched.lost = True
                found.append(station)
        return found
