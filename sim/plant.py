"""The inside of a line that components and programs work in: time, image, parts, random streams, events."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from sim.definition import LineDefinition
from sim.image import ProcessImage
from sim.kernel import Kernel
from sim.part import Part, Parts, Verdict
from sim.stream import Stream, word
from sim.tag import TagTable

if TYPE_CHECKING:
    from sim.component import Component
    from sim.unit import Unit

Listener = Callable[[int, str, str | int, object], None]
BLOCK = 256  # events per link of the digest: at fixed counts, so that a checkpoint does not shift the chain


@dataclass(slots=True)
class DigestState:
    """The running digest of the events: a chain of hashes over blocks of a fixed number of events."""

    last: str = ""
    events: int = 0
    open: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.events += 1
        self.open.append(text)
        if len(self.open) == BLOCK:
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
        self.image = ProcessImage(tags, self.emit, lambda: self.kernel.now_ns)
        self.parts = Parts()
        self.operator_on = True  # somebody walks about and empties bins
        self.streams: dict[str, Stream] = {}
        self.digest = DigestState()
        self.listeners: list[Listener] = []
        self.components: dict[str, Component] = {}
        self.units: dict[str, Unit] = {}

    @property
    def now_ns(self) -> int:
        return self.kernel.now_ns

    def emit(self, kind: str, subject: str | int, data: object) -> None:
        """Say that something happened, now. Everything that leaves a line leaves here."""
        now = self.kernel.now_ns
        self.digest.add(f"{now} {kind} {subject} {data}")
        for listener in self.listeners:
            listener(now, kind, subject, data)

    def stream(self, name: str) -> Stream:
        """The random stream of that name; a new one draws nothing from the others."""
        if name not in self.streams:
            self.streams[name] = Stream([self.seed, word(name)])
        return self.streams[name]

    # ---- parts -----------------------------------------------------------------------------------------------

    def make_part(self, colour: int, dimension_um: int) -> Part:
        """A new part; whoever makes it puts it somewhere at once."""
        self.parts.made += 1
        part = Part(self.parts.made, colour, dimension_um, self.now_ns)
        self.parts.by_serial[part.serial] = part
        self.emit("new", part.serial, {"colour": colour})
        return part

    def part(self, serial: int) -> Part:
        return self.parts.by_serial[serial]

    def judge(self, serial: int, verdict: Verdict, measured_um: int) -> None:
        """The inspection writes its verdict on the part."""
        part = self.part(serial)
        part.verdict, part.measured_um = verdict, measured_um
        self.emit("verdict", serial, verdict.name.lower())

    def log(self, serial: int, what: str) -> None:
        """A line in the genealogy of a part."""
        self.part(serial).log.append((self.now_ns, what))

    def retire(self, serial: int, where: str) -> None:
        """A part leaves the line. Its genealogy leaves with the event, so that memory stays bounded."""
        part = self.parts.by_serial.pop(serial)
        self.parts.ends[where] = self.parts.ends.get(where, 0) + 1
        self.parts.flow_ns += self.now_ns - part.born_ns
        if part.verdict is Verdict.REJECT:
            self.parts.rejected += 1
        else:
            self.parts.good += 1
        history = [[t, what] for t, what in part.log]
        self.emit("part", serial, ["gone", where, part.verdict.name.lower(), part.measured_um, history])
