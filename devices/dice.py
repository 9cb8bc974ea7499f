"""Which messages a link fault hits, and when: the same in every run with the same seed. Knows no protocol."""

from devices.endpoint import Link
from sim.stream import noise, word

LEAST_S = 0.05  # between two happenings, however often they happen


class Dice:
    """Asked once for each message that may be hit. What it says of the n-th message since a fault began is a function
    of the seed, the kind of fault and n alone, so that a run can be repeated."""

    __slots__ = ("_asked", "_left", "_link")

    def __init__(self, link: Link) -> None:
        self._link = link
        self._asked: dict[int, int] = {}
        self._left: dict[int, int] = {}  # of a burst

    def forget(self) -> None:
        """No fault is active: the next one begins anew."""
        self._asked.clear()
        self._left.clear()

    def loses(self) -> bool:
        """True where this message gets lost."""
        state = self._link.state
        return self._hit(_LOST, state.loss_ppm, state.loss_burst)

    def doubles(self) -> bool:
        """True where this message comes twice."""
        return self._hit(_TWICE, self._link.state.duplicate_ppm)

    def swaps(self) -> bool:
        """True where this message comes after the one behind it."""
        return self._hit(_SWAPPED, self._link.state.reorder_ppm)

    def turns_away(self) -> bool:
        """True where an overloaded server turns this new connection away."""
        return self._hit(_BUSY, self._link.state.busy_ppm)

    def excepts(self) -> bool:
        """True where this request is answered with an exception."""
        state = self._link.state
        return self._hit(_EXCEPTION, state.exception_ppm, state.exception_burst)

    def delay_s(self) -> float:
        """How late this message is."""
        state = self._link.state
        if not state.jitter_ms:
            return state.delay_ms / 1000
        number = self._asked[_JITTER] = self._asked.get(_JITTER, 0) + 1
        return (state.delay_ms + state.jitter_ms * self._uniform(_JITTER, number)) / 1000

    def pause_s(self, kind: str, mean_ms: int) -> float:
        """Seconds until something happens that happens now and then: evenly between nothing and twice the mean."""
        key = word(f"link.{kind}")
        number = self._asked[key] = self._asked.get(key, 0) + 1
        return max(2 * mean_ms / 1000 * self._uniform(key, number), LEAST_S)

    def _hit(self, kind: int, share_ppm: int, burst: int = 1) -> bool:
        if not share_ppm:
            self._asked.pop(kind, None)
            self._left.pop(kind, None)
            return False
        left = self._left.get(kind, 0)
        if left:
            self._left[kind] = left - 1
            return True
        number = self._asked[kind] = self._asked.get(kind, 0) + 1
        if self._uniform(kind, number) >= share_ppm / 1e6:
            return False
        self._left[kind] = burst - 1
        return True

    def _uniform(self, kind: int, number: int) -> float:
        return (noise(self._link.seed, kind, number) + 1.0) / 2.0


_LOST, _TWICE, _SWAPPED = word("link.loss"), word("link.duplicate"), word("link.reorder")
_BUSY, _EXCEPTION, _JITTER = word("link.busy"), word("link.exception"), word("link.jitter")
