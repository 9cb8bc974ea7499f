"""How far twin and device are apart, tag by tag. Sans-I/O: values and seconds in, figures out."""

from dataclasses import dataclass

from sim.tag import Value


@dataclass(slots=True)
class Deviation:
    """One tag since the comparing began. Times are as fine as the sampling."""

    tolerance: float
    compared_s: float = 0.0
    apart_s: float = 0.0  # in all
    longest_s: float = 0.0
    largest: float = 0.0  # in the tag's unit; 1 for a BOOL
    times: int = 0
    since_s: float | None = None  # apart now, since this moment
    delay_s: float | None = None  # of the last change: below nought where the device was first
    _seen_s: float | None = None
    _twin: Value | None = None
    _twin_led: bool = False

    def compare(self, twin: Value, device: Value, now_s: float) -> None:
        if self._seen_s is not None:
            self.compared_s += now_s - self._seen_s
            if self.since_s is not None:
                self.apart_s += now_s - self._seen_s
        self._seen_s = now_s
        distance = abs(float(twin) - float(device))
        apart = distance > self.tolerance
        if apart:
            self._apart(distance, twin, now_s)
        elif self.since_s is not None:
            self._together(now_s)
        self._twin = twin

    def _apart(self, distance: float, twin: Value, now_s: float) -> None:
        self.largest = max(self.largest, distance)
        if self.since_s is None:
            self.since_s, self._twin_led = now_s, self._twin is not None and twin != self._twin
            self.times += 1
        self.longest_s = max(self.longest_s, now_s - self.since_s)

    def _together(self, now_s: float) -> None:
        if self.since_s is not None:
            took = now_s - self.since_s
            self.longest_s = max(self.longest_s, took)
            self.delay_s = took if self._twin_led else -took
        self.since_s = None

    def pause(self) -> None:
        """The device says nothing that could be compared."""
        self._seen_s = None

    def apart_for(self, now_s: float) -> float:
        """Seconds that they are apart now, as far as was compared."""
        until = now_s if self._seen_s is None else self._seen_s
        return 0.0 if self.since_s is None else max(0.0, until - self.since_s)

    @property
    def agreement(self) -> float | None:
        """Share of the time in which they agreed."""
        return None if not self.compared_s else 1.0 - self.apart_s / self.compared_s
