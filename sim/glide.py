"""The function of time of a belt: a travel whose speed may change evenly, ramp first, then steady. Exact integers.

Lengths in fm, speeds in fm/s, accelerations in µm/s²: µm/s² x ns = fm/s, so that the speed is exact at every
nanosecond and the position to the femtometre. Without a ramp it is `sim.travel.Travel` to the last bit.
"""

from dataclasses import dataclass
from math import isqrt

from sim.travel import FAR, NEVER

G = 10**9  # ns in a second; fm/s in a µm/s


@dataclass(slots=True)
class Glide:
    """From `start_ns` on at `origin` with speed `v`, changing by `a` until `end_ns`, then at `v_end`; up to `goal`."""

    start_ns: int = 0
    origin: int = 0
    v: int = 0
    a: int = 0
    end_ns: int = NEVER
    v_end: int = 0
    goal: int = 0

    @property
    def moving(self) -> bool:
        """It moves, or is about to."""
        return bool(self.v or self.v_end)

    def v_at(self, now_ns: int) -> int:
        """The speed at `now_ns`, in fm/s."""
        if self.end_ns != NEVER and now_ns < self.end_ns:
            return self.v + self.a * (now_ns - self.start_ns)
        return self.v_end

    def at(self, now_ns: int) -> int:
        """The position at `now_ns`; it saturates at the goal."""
        if self.end_ns == NEVER:  # no ramp, which is how belts are nearly always
            rate = self.v_end
            return min(self.origin + rate * (now_ns - self.start_ns) // G, self.goal) if rate else self.origin
        if not self.moving:
            return self.origin
        return min(self.origin + self._way(now_ns - self.start_ns), self.goal)

    def _way(self, dt: int) -> int:
        ramp = self._ramp_ns
        if dt <= ramp:
            return (2 * self.v * dt + self.a * dt * dt) // (2 * G)
        return (2 * self.v * ramp + self.a * ramp * ramp) // (2 * G) + self.v_end * (dt - ramp) // G

    @property
    def _ramp_ns(self) -> int:
        return 0 if self.end_ns == NEVER else self.end_ns - self.start_ns

    def aim(self, now_ns: int, goal: int) -> None:
        """On to another goal; the ramp goes on."""
        self.origin, v = self.at(now_ns), self.v_at(now_ns)
        self.start_ns, self.v, self.goal = now_ns, v, goal
        if self.end_ns != NEVER and now_ns >= self.end_ns:
            self.a, self.end_ns = 0, NEVER

    def go(self, now_ns: int, rate: int, up: int, down: int) -> bool:
        """Change to this rate (µm/s) with these accelerations (µm/s², 0: at once); False when it does so already."""
        v, target = self.v_at(now_ns), rate * G
        by = up if target > v else down
        a = 0 if target == v else by if target > v else -by
        ended = self.end_ns != NEVER and now_ns >= self.end_ns
        if not ended and target == self.v_end and a == self.a:
            return False
        self.aim(now_ns, self.goal)
        self.v_end, self.a = target, a
        if a:
            self.end_ns = now_ns - (-abs(target - v) // abs(a))
        else:
            self.v, self.end_ns = target, NEVER
        return True

    def due_ns(self) -> int:
        """When the goal is reached, rounded up to the nanosecond; NEVER where it comes to a stand before."""
        left = self.goal - self.origin
        if self.end_ns == NEVER and self.goal < FAR and self.v_end:
            return self.start_ns - (-left * G // self.v_end) if left > 0 else self.start_ns
        if not self.moving or self.goal >= FAR:
            return NEVER
        ramp = self._ramp_ns
        if self._way(ramp) >= left:
            return self.start_ns + self._within_ramp(left)
        if not self.v_end:
            return NEVER
        return self.start_ns + ramp - ((self._way(ramp) - left) * G // self.v_end)

    def _within_ramp(self, left: int) -> int:
        """The first nanosecond of the ramp at which so much is covered: the root, rounded, then made exact."""
        root = isqrt(max(0, self.v * self.v + 2 * self.a * G * left))
        dt = max(0, (root - self.v) // self.a - 2) if self.a else 0
        while self._way(dt) < left:
            dt += 1
        return dt
