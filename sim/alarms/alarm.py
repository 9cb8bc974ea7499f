"""One alarm: delays, levels, the state machine of ISA-18.2, and what people do to it.

Woken by the tags that it looks at, after plant and programs have settled the instant. Every transition is an event
`alarm`: [what, state, level, severity, value, who, comment]. Tags that are functions of time announce no change: such
an alarm looks every so often, as its definition says, at times that a replay meets again.
"""

from collections.abc import Callable

from sim.alarms.definition import ON, QUALITY, AlarmDefinition
from sim.alarms.source import compiled, source
from sim.alarms.state import ONE_SHOT, AlarmNow, AlarmState, Stage
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.travel import NEVER

RANK = {"": 0, ON: 1, "hi": 1, "lo": 1, "hihi": 2, "lolo": 2}


class Alarm(Wakeable):
    """One per entry of `alarms:`. Its operations are in `sim/alarms/operations.py`."""

    SLOTS = ("look", "delay", "sample", "unshelve")
    LOOK, DELAY, SAMPLE, UNSHELVE = range(4)
    PHASE = 3  # after the programs
    STATE = AlarmState

    def __init__(self, plant: Plant, station: str, definition: AlarmDefinition) -> None:
        super().__init__(plant.kernel, f"{station}!{definition.name}")
        self.plant, self.image, self.station, self.definition = plant, plant.image, station, definition
        self.full_name = f"{station}.{definition.name}"
        self.levels = definition.levels
        self.s = AlarmState([NEVER] * len(self.SLOTS), [Stage() for _ in self.levels])
        self.s.severity = max(definition.severity.values())
        self.source = source(definition, plant.image, station)
        self.suppress, watched = compiled(plant.image, station, definition.suppress)
        looked_at = () if definition.every_ns else self.source.tags
        for index in dict.fromkeys((*looked_at, *watched)):
            self.image.watch_field(index, self, self.LOOK)
        if definition.kind == QUALITY:
            self.image.watch_quality(self.source.tags[0], self, self.LOOK)
        plant.alarms[self.full_name] = self

    @property
    def now(self) -> int:
        return self.kernel.now_ns

    @property
    def seen(self) -> AlarmNow:
        """The alarm as it is now."""
        s = self.s
        return AlarmNow(
            self.full_name, s.isa, s.level, s.severity, s.acked, s.confirmed, s.latched, s.enabled,
            s.suppressed or s.suppressed_by_hand, s.out_of_service, s.shelved, s.due[self.UNSHELVE], s.number,
            s.since_ns, s.active_ns, s.value, s.comment, s.comment_by,
        )  # fmt: skip

    def born(self) -> None:
        self.wake(self.LOOK, self.now)
        if self.definition.every_ns:
            self.wake(self.SAMPLE, self.now)

    # ---- what wakes it ----------------------------------------------------------------------------------------

    def look(self) -> None:
        """Something that it watches has changed."""
        self._follow_suppression()
        if not self.definition.every_ns:
            self._compare()

    def sample(self) -> None:
        """Time to look at what announces no change."""
        self.wake(self.SAMPLE, self.now + self.definition.every_ns)
        self._compare()

    def delay(self) -> None:
        """A delay is over."""
        self.settle()

    def unshelve(self) -> None:
        """Its time on the shelf is over."""
        self.hide("unshelved", "", "", self._off_the_shelf)

    # ---- levels -----------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        over = self.source.over(self.s)
        if over is None:
            return
        for stage, beyond in zip(self.s.stages, over, strict=True):
            if beyond is not stage.over:
                stage.over, stage.since_ns = beyond, self.now
        self.settle()

    def settle(self) -> None:
        """Each level follows once its delay is over; the next one that is to follow wakes this again."""
        d, now, due = self.definition, self.now, NEVER
        for stage in self.s.stages:
            if stage.over is stage.on:
                continue
            at = stage.since_ns + (d.on_delay_ns if stage.over else d.off_delay_ns)
            if at <= now:
                stage.on = stage.over
            else:
                due = at if due == NEVER else min(due, at)
        self.wake(self.DELAY, due)
        level = self._worst()
        if self.s.enabled and level != self.s.level:
            self._become(level)

    def _worst(self) -> str:
        on = [level for level, stage in zip(self.levels, self.s.stages, strict=True) if stage.on]
        return max(on, key=RANK.__getitem__, default="")

    def _become(self, level: str) -> None:
        s, before = self.s, self.s.level
        s.level = level
        if not level:
            self._return()
            return
        s.severity = self.definition.severity[level]
        if not before:
            s.active_ns = self.now
        if RANK[level] > RANK[before] or level[:1] != before[:1]:  # new, worse, or on the other side
            s.acked, s.confirmed = not self.definition.acknowledge, True
            s.latched = s.latched or self.definition.latch
        self.tell("level" if before else "active")

    def _return(self) -> None:
        s = self.s
        if s.hidden:  # nobody was told that it came
            s.acked = s.confirmed = True
        self.tell("inactive")
        if s.shelved == ONE_SHOT:
            self.hide("unshelved", "", "", self._off_the_shelf)

    # ---- hiding -----------------------------------------------------------------------------------------------

    def _follow_suppression(self) -> None:
        wanted = bool(self.suppress(self.image.state.field))
        if wanted is not self.s.suppressed:

            def suppress() -> None:
                self.s.suppressed = wanted

            self.hide("suppressed" if wanted else "unsuppressed", "", "", suppress)

    def hide(self, what: str, who: str, comment: str, change: Callable[[], None]) -> None:
        """Change what hides it from people. What comes out of hiding while it is active is told as if it were new."""
        s, before = self.s, self.s.hidden
        change()
        if before and not s.hidden:
            s.acked = not (s.level and self.definition.acknowledge)
            s.confirmed = True
        self.tell(what, who, comment)

    def _off_the_shelf(self) -> None:
        self.s.shelved = ""
        self.wake(self.UNSHELVE, NEVER)

    def off_the_shelf(self, who: str, comment: str) -> None:
        """Somebody takes it from the shelf."""
        self.hide("unshelved", who, comment, self._off_the_shelf)

    # ---- events -----------------------------------------------------------------------------------------------

    def tell(self, what: str, who: str = "", comment: str = "") -> None:
        """A transition: count it and say it."""
        s = self.s
        s.number += 1
        s.since_ns = self.now
        s.value = self.source.value()
        if comment or what == "comment":
            s.comment, s.comment_by, s.comment_ns = comment, who, self.now
        self.plant.emit("alarm", self.full_name, self.said(what, who, comment))

    def said(self, what: str, who: str = "", comment: str = "") -> list[object]:
        """The data of an event."""
        s = self.s
        return [what, s.isa.value, s.level, s.severity, s.value, who, comment]
