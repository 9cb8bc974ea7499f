"""The inside of a line that components and programs work in: time, image, parts, random streams, events."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from sim.definition import LineDefinition, PartKind
from sim.flow import Flow
from sim.image import ProcessImage
from sim.kernel import Kernel
from sim.part import Part, Parts, Verdict
from sim.stream import Stream, word
from sim.tag import TagTable

if TYPE_CHECKING:
    from sim.alarms.alarm import Alarm
    from sim.component import Component
    from sim.remote.border import Border
    from sim.remote.stand_in import StandIn
    from sim.unit import Unit

Listener = Callable[[int, str, str | int, object], None]
HAND = "hand"  # where parts are gone that somebody took away
NEUTRAL = PartKind()
MOST_LOG = 400  # lines in the genealogy of one part; a PLC may trigger a camera on it for days
BLOCK = 256  # events per link of the digest: at fixed counts, so that a checkpoint does not shift the chain


@dataclass(slots=True)
class DigestState:
    """The running digest of the events: a chain of hashes over blocks of a fixed number of events."""

    last: str = ""
    events: int = 0
    open: list[str] = field(default_factory=list)

    def fold(self) -> None:
        """A block is full: on with the next link."""
        self.last, self.open = self.value, []

    @property
    def value(self) -> str:
        return blake2b((self.last + "\n".join(self.open)).encode(), digest_size=16).hexdigest()


class Plant:
    """What everything inside a line shares. Components find each other here by `station.component`."""

    def __init__(self, definition: LineDefinition, seed: int, tags: TagTable, now_ns: int = 0) -> None:
        self.definition = definition
        self.seed = seed
        self.kernel = Kernel(now_ns)
        self.image = ProcessImage(tags, self.emit, lambda: self.kernel.now_ns, seed, self.stream)
        self.parts = Parts()
        self.operator_on = True  # somebody walks about and empties bins
        self.streams: dict[str, Stream] = {}
        self.digest = DigestState()
        self.listeners: list[Listener] = []
        self.components: dict[str, Component] = {}
        self.units: dict[str, Unit] = {}
        self.alarms: dict[str, Alarm] = {}  # by `station.alarm`
        self.flow = Flow()
        self.borders: list[Border] = []  # between two stations
        self.stand_ins: dict[str, StandIn] = {}  # of stations

    @property
    def now_ns(self) -> int:
        return self.kernel.now_ns

    def emit(self, kind: str, subject: str | int, data: object) -> None:
        """Say that something happened, now. Everything that leaves a line leaves here."""
        now, digest = self.kernel.now_ns, self.digest
        digest.events += 1
        digest.open.append(f"{now} {kind} {subject} {data}")
        if len(digest.open) == BLOCK:
            digest.fold()
        for listener in self.listeners:
            listener(now, kind, subject, data)

    def stream(self, name: str) -> Stream:
        """The random stream of that name; a new one draws nothing from the others."""
        if name not in self.streams:
            self.streams[name] = Stream([self.seed, word(name)])
        return self.streams[name]

    # ---- parts -----------------------------------------------------------------------------------------------

    def make_part(self, colour: int, dimension_um: int, kind: int = 0) -> Part:
        """A new part; whoever makes it puts it somewhere at once."""
        self.parts.made += 1
        part = Part(self.parts.made, colour, dimension_um, self.now_ns, kind=kind)
        self.parts.by_serial[part.serial] = part
        self.emit("new", part.serial, part.said())
        return part

    def draw_part(self, source: str, oversize_um: int, kind: int = 0) -> Part:
        """A new raw part whose kind, unless it is given, and colour are drawn as often as the definition says."""
        spec = self.definition.part
        if spec.kinds and not kind:
            kind = 1 + self.stream(f"{source}.kind").pick([k.weight for k in spec.kinds])
        colour = spec.kinds[kind - 1].colour if kind else 0
        if not colour:
            colour = 1 + self.stream(f"{source}.colour").pick(spec.weights)
        return self.make_part(colour, spec.nominal_um + oversize_um, kind)

    def kind_of(self, serial: int) -> PartKind:
        """Height, mass and material of a part."""
        kind = self.part(serial).kind
        return self.definition.part.kinds[kind - 1] if kind else NEUTRAL

    def part(self, serial: int) -> Part:
        return self.parts.by_serial[serial]

    def judge(self, serial: int, verdict: Verdict, measured_um: int) -> None:
        """The inspection writes its verdict on the part."""
        part = self.part(serial)
        part.verdict, part.measured_um = verdict, measured_um
        self.emit("verdict", serial, verdict.name.lower())

    def log(self, serial: int, what: str) -> None:
        """A line in the genealogy of a part. Of too many those in the middle go: how it began, and how it is, stay."""
        log = self.part(serial).log
        log.append((self.now_ns, what))
        if len(log) > MOST_LOG:
            del log[MOST_LOG // 2]

    def finish(self, serial: int, where: str) -> None:
        """Production is done with a part: it counts from now on, even while it still lies about in a bin."""
        part, parts = self.part(serial), self.parts
        if part.finished:
            return
        part.finished = True
        parts.ends[where] = parts.ends.get(where, 0) + 1
        parts.flow_ns += self.now_ns - part.born_ns
        if part.verdict is Verdict.REJECT:
            parts.rejected += 1
        else:
            parts.good += 1

    def retire(self, serial: int, where: str) -> None:
        """A part leaves the line. Its genealogy leaves with the event, so that memory stays bounded."""
        self.finish(serial, where)
        self._forget(serial, where)

    def remove(self, serial: int) -> None:
        """A hand takes a part away; an unfinished one is neither good nor rejected."""
        part, parts = self.part(serial), self.parts
        if not part.finished:
            parts.removed += 1
            parts.unfinished_ns += self.now_ns - part.born_ns
        self._forget(serial, HAND)

    def merge(self, serial: int, where: str) -> None:
        """A part becomes a piece of another one."""
        self.parts.merged += 1
        self.parts.unfinished_ns += self.now_ns - self.part(serial).born_ns
        self._forget(serial, where)

    def _forget(self, serial: int, where: str) -> None:
        part = self.parts.by_serial.pop(serial)
        self.parts.gone += 1
        history = [[t, what] for t, what in part.log]
        self.emit("part", serial, ["gone", where, part.verdict.name.lower(), part.measured_um, history])
