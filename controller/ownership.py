"""Who controls the outputs of a station. Sans-I/O: clients and seconds in, yes or no out.

A station's key switch says which wire is in control. The first client of that wire that writes owns the station until
its connection closes or it has not written for `SILENT_S`. Outputs hold their values when an owner goes.
"""

from dataclasses import dataclass

from devices.endpoint import Client

SILENT_S = 10.0


@dataclass(slots=True)
class _Claim:
    client: Client
    heard_s: float


class Ownership:
    """The claims on all stations of one line."""

    def __init__(self, silent_s: float = SILENT_S) -> None:
        self._silent_s = silent_s
        self._claims: dict[str, _Claim] = {}

    def owner(self, station: str, now_s: float) -> Client | None:
        """The client in control, None where the next writer will be."""
        claim = self._claims.get(station)
        if claim is None or now_s - claim.heard_s >= self._silent_s:
            return None
        return claim.client

    def permits(self, station: str, control: str, client: Client, now_s: float) -> bool:
        """Whether the client may write outputs of a station whose key switch stands on `control`."""
        if control != client.wire.value:
            return False
        owner = self.owner(station, now_s)
        return owner is None or _same(owner, client)

    def claim(self, station: str, client: Client, now_s: float) -> None:
        """An output write of this client was accepted: it is in control from now on."""
        self._claims[station] = _Claim(client, now_s)

    def heard(self, station: str, client: Client, now_s: float) -> None:
        """A write of this client, accepted or not: an owner that tries is not silent."""
        owner = self.owner(station, now_s)
        if owner is not None and _same(owner, client):
            self._claims[station].heard_s = now_s

    def closed(self, client: Client) -> tuple[str, ...]:
        """The connection is gone: its stations are free."""
        free = tuple(station for station, claim in self._claims.items() if _same(claim.client, client))
        for station in free:
            del self._claims[station]
        return free

    def release(self, station: str) -> None:
        """The key switch was turned: whoever was in control is not any more."""
        self._claims.pop(station, None)

    def clear(self) -> None:
        self._claims.clear()


def _same(one: Client, other: Client) -> bool:
    return one.wire is other.wire and one.key == other.key
