"""Buffer: places between machines, first in, first out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.component import Change
from sim.components.flow_base import TO, FlowComponent
from sim.spec import Kind, Parameter, states
from sim.text import Text


@dataclass(slots=True)
class BufferState:
    """What is in the buffer, and when each part is through to the outlet."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    out_ns: list[int] = field(default_factory=list)  # ascending: parts do not overtake
    since_ns: int = 0
    content_ns: int = 0  # parts x ns
    passed: int = 0


class Buffer(FlowComponent):
    """A part takes its place for at least the transit time. Without places the neighbours hand over directly."""

    KIND = Kind(
        "buffer",
        Text("缓冲", "Buffer"),
        Text("工位之间的存放位, 先进先出", "Places between machines, first in, first out"),
        parameters=(
            Parameter("capacity", "count", Text("容量", "Places; none: the neighbours hand over directly")),
            Parameter("transit", "time", Text("通过时间", "Time from inlet to outlet"), "0 s"),
            Parameter(
                "initial", "count", Text("初始件数", "Parts in it at the beginning"), "0", high=100_000, fixed=True
            ),
        ),
        joins=(TO,),
        flow=True,
        states=states(
            ("empty", "空", "empty"), ("holding", "有件", "holding parts, with room"), ("full", "满", "full")
        ),
        cycle=Text("通过一件", "one part passed on"),
    )
    STATE = BufferState
    s: BufferState
    SLOTS = ("outlet",)

    def born(self) -> None:
        for _ in range(self.p["initial"]):
            self._put(self.plant.draw_part(self.name, 0).serial)
        if self.s.parts:
            self.wake(0, self.s.out_ns[0])

    # ---- moving parts -----------------------------------------------------------------------------------------

    def room(self) -> bool:
        if self.p["capacity"] or self.s.parts:
            return len(self.s.parts) < self.p["capacity"]
        return any(taker.room() for taker in self.takers)

    def ready(self) -> bool:
        s = self.s
        if s.parts:
            return s.out_ns[0] <= self.kernel.now_ns
        return not self.p["capacity"] and self.next_giver() is not None

    def give(self) -> int:
        s = self.s
        if not s.parts:
            return self._pass_on()
        now, content = self.kernel.now_ns, len(s.parts)
        s.content_ns += content * (now - s.since_ns)
        s.since_ns = now
        s.out_ns.pop(0)
        s.passed += 1
        self.duty.cycles += 1
        self._be(content - 1)
        if s.out_ns and s.out_ns[0] > now:
            self.wake(0, s.out_ns[0])
        if content >= self.p["capacity"]:  # else a giver that had something would have been served before
            self.flow.may_take(self)
        return s.parts.pop(0)

    def _be(self, content: int) -> None:
        self.be((2 if content >= self.p["capacity"] else 1) if content else 0)

    def _pass_on(self) -> int:
        giver = self.next_giver()
        if giver is None:
            raise ValueError(f"{self.name} was asked for a part and has none")
        self.s.passed += 1
        self.duty.cycles += 1
        return giver.give()

    def pull(self) -> None:
        s, capacity = self.s, self.p["capacity"]
        if not capacity:
            self.offer()
            return
        before = len(s.parts)
        while len(s.parts) < capacity and (giver := self.next_giver()) is not None:
            self._put(giver.give())
        if before or not s.parts:
            return  # those who may take know of the foremost part already
        if s.out_ns[0] <= self.kernel.now_ns:
            self.offer()
        else:
            self.wake(0, s.out_ns[0])

    def _put(self, serial: int) -> None:
        s, now = self.s, self.kernel.now_ns
        s.content_ns += len(s.parts) * (now - s.since_ns)
        s.since_ns = now
        through = now + self.p["transit"]
        if s.out_ns and s.out_ns[-1] > through:  # the transit time was longer when that one came in
            through = s.out_ns[-1]
        s.parts.append(serial)
        s.out_ns.append(through)
        self._be(len(s.parts))
        self.plant.emit("part", serial, self.here)

    def outlet(self) -> None:
        """The foremost part is at the outlet."""
        self.offer()
        self.flow.settle()

    def replan(self) -> None:
        """Another capacity holds at once, another transit time for the parts that come from now on."""
        self._be(len(self.s.parts))
        self.flow.may_take(self)
        self.offer()
        self.flow.settle()

    def take(self, serial: int) -> bool:
        s = self.s
        if serial not in s.parts:
            return False
        self._reckon_content()
        index = s.parts.index(serial)
        s.parts.pop(index)
        s.out_ns.pop(index)
        self.gone(serial)
        if s.out_ns:
            self.wake(0, max(s.out_ns[0], self.now))
        self.replan()
        return True

    # ---- figures ----------------------------------------------------------------------------------------------

    def _reckon_content(self) -> None:
        s, now = self.s, self.kernel.now_ns
        s.content_ns += len(s.parts) * (now - s.since_ns)
        s.since_ns = now

    def figures(self) -> Mapping[str, int]:
        s = self.s
        content_ns = s.content_ns + len(s.parts) * (self.now - s.since_ns)
        return {"passed": s.passed, "content_ns": content_ns}

    def holds(self) -> list[int]:
        return list(self.s.parts)

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("part", serial, self.here) for serial in self.s.parts]
