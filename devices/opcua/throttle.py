"""Failed log-ins slow down whoever makes them: a few are a slip, many are a search. Knows no protocol."""

from collections import OrderedDict
from collections.abc import Callable

FREE = 3  # wrong passwords that cost nothing
FIRST_S = 0.25  # then this long, twice as long each time
LONGEST_S = 8.0
FORGET_S = 60.0
MAX_KNOWN = 1_000  # peers and names that are remembered


class Throttle:
    """Counts failures by who made them; `now` is a clock in seconds that never steps."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failed: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def delay_s(self, peer: str, user: str) -> float:
        """How long an answer to this one must wait."""
        count, when = self._failed.get((peer, user), (0, 0.0))
        if count <= FREE or self._now() - when > FORGET_S:
            return 0.0
        return min(float(FIRST_S * 2 ** min(count - FREE - 1, 16)), LONGEST_S)

    def failed(self, peer: str, user: str) -> None:
        count, when = self._failed.pop((peer, user), (0, 0.0))
        fresh = self._now() - when > FORGET_S
        self._failed[peer, user] = (1 if fresh else count + 1, self._now())
        while len(self._failed) > MAX_KNOWN:
            self._failed.popitem(last=False)

    def succeeded(self, peer: str, user: str) -> None:
        self._failed.pop((peer, user), None)
