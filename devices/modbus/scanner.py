"""Somebody tries out all addresses of a Modbus device: an intruder's first step. His requests are answered like any.

Each is a whole request to the function table, so that it is in the traffic, on record and refused where the map ends.
He only reads. Knows no socket: he is another host, and his packets are no trainee's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from devices.endpoint import Link
from devices.modbus.functions import Session, answer

PEER = "192.168.10.66:49166"  # an address of the line's network that belongs to nobody
STRIDE, COUNT = 100, 10  # addresses between two requests, addresses in each
LAST = 65_500
READS = (3, 4, 1, 2)
MOST_AT_ONCE = 20  # after a pause of the loop


@dataclass(slots=True)
class Scanner:
    """`look` lets him ask as often as the link's state says. `come` opens his session, `go` ends it."""

    link: Link
    come: Callable[[str], Session]
    go: Callable[[Session], None]
    _session: Session | None = None
    _owed: float = 0.0
    _at_s: float = field(default=0.0)
    _number: int = 0

    def look(self, now_s: float) -> None:
        per_s = self.link.state.scan_per_s
        if not per_s:
            self.leave()
            return
        if self._session is None:
            self._session, self._at_s = self.come(PEER), now_s
        self._owed = min(self._owed + (now_s - self._at_s) * per_s, MOST_AT_ONCE)
        self._at_s = now_s
        while self._owed >= 1:
            self._owed -= 1
            self._ask(self._session)

    def leave(self) -> None:
        if self._session is not None:
            self.go(self._session)
            self._session, self._owed, self._number = None, 0.0, 0

    def _ask(self, session: Session) -> None:
        function = READS[self._number % len(READS)]
        address = self._number // len(READS) * STRIDE % LAST
        answer(session, 1, bytes([function]) + address.to_bytes(2, "big") + COUNT.to_bytes(2, "big"))
        self._number += 1
