"""What a link fault makes an edge node say wrongly: aliases without a birth, deaths that come late. Sans-I/O."""

from dataclasses import replace

from devices.dice import Dice
from devices.endpoint import LineView, Wire
from devices.sparkplug.codec import Metric


class Trouble:
    """Asked with each round of data."""

    def __init__(self, view: LineView) -> None:
        self._clock, self._link = view.clock, view.link(Wire.MQTT)
        self._dice = Dice(self._link)
        self._alias = 0  # of the fault as it was last seen
        self._by = 0
        self._every_ms = 0
        self._due_s = 0.0

    def moved(self, metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
        """The same metrics under aliases that no birth has said; after a rebirth they are right again."""
        alias = self._link.state.alias
        if alias != self._alias:
            self._alias = self._by = alias
        if not self._by:
            return metrics
        return tuple(
            metric if metric.alias is None else replace(metric, alias=metric.alias + self._by) for metric in metrics
        )

    def reborn(self) -> None:
        """A birth was said: its aliases hold."""
        self._alias, self._by = self._link.state.alias, 0

    def dies_late(self) -> bool:
        """True where the death certificate of an earlier session arrives now."""
        every_ms, now_s = self._link.state.late_death_ms, self._clock.monotonic()
        if every_ms != self._every_ms:
            self._every_ms, self._due_s = every_ms, now_s  # the first one at once
        if not every_ms or now_s < self._due_s:
            return False
        self._due_s = now_s + self._dice.pause_s("late_death", every_ms)
        return True
