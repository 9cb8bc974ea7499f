"""What happened to the parts of a LineLab line, in the words of the peer, so that the two can be compared."""

from collections import deque

from benchmarks.peer_line import Note
from sim.line import Line
from sim.tag import Direction


class LineNotes:
    """Listens to a line and keeps the notes that the peer keeps: same parts, same times, nothing else."""

    def __init__(self, line: Line) -> None:
        self.notes: list[Note] = []
        self.belts = {f"{name}.belt": name for name in ("machining", "inspection", "sorting", "storage")}
        self.on: dict[str, str] = {}
        self.uncut: deque[int] = deque()  # parts in the machine, in their order
        found = line.tags.find("machining.spindle_run")
        self.spindle = found.index if found else -1
        self.last_on: dict[int, str] = {}
        line.listen(self.hear)

    def hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "tag" and subject == self.spindle and data:
            self.notes.append((t_ns, self.uncut.popleft(), "cut"))
        elif kind == "new" and isinstance(data, dict):
            self.notes.append((t_ns, int(subject), f"new {data['colour']}"))
        elif kind == "verdict":
            self.notes.append((t_ns, int(subject), str(data)))
        elif kind == "part" and isinstance(data, list):
            self._part(t_ns, int(subject), data)

    def _part(self, t_ns: int, serial: int, where: list[object]) -> None:
        how, place = str(where[0]), str(where[1])
        if how == "ride" and self.last_on.get(serial) != place:
            self.last_on[serial] = place
            if place in self.belts:
                self.notes.append((t_ns, serial, self.belts[place]))
            if place == "machining.belt":
                self.uncut.append(serial)
        elif how == "in":
            what = {"storage.crane": "fork", "storage.rack": f"in storage.rack {where[2]}"}
            self.notes.append((t_ns, serial, what.get(place, f"in {place}")))
        elif how == "gone":
            del self.last_on[serial]
            self.notes.append((t_ns, serial, f"gone {place} {where[2]} {where[3]}"))
            self._machined(serial, where[4])

    def _machined(self, serial: int, history: object) -> None:
        """The end of the cut is in the genealogy, which comes with the part's last event."""
        for t_ns, what in history if isinstance(history, list) else []:
            if what.startswith("machining.spindle"):
                self.notes.append((t_ns, serial, f"machined {what.split()[1]}"))


def finished(notes: list[Note]) -> list[Note]:
    """The notes of those parts that have left the line, in order of time and part."""
    gone = {serial for _, serial, what in notes if what.startswith("gone")}
    return sorted(note for note in notes if note[1] in gone)


class LineIo:
    """Listens to a line and keeps what the peer with I/O keeps: inputs and outputs but lamps, by name."""

    def __init__(self, line: Line) -> None:
        self.changes: list[tuple[int, str, object]] = []
        kept = (Direction.INPUT, Direction.OUTPUT)
        self._names = {
            tag.index: tag.name
            for tag in line.tags
            if tag.direction in kept and not tag.signal.startswith(("lamp_", "stack_"))
        }
        line.listen(self.hear)

    def hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "tag" and (name := self._names.get(int(subject))) is not None:
            self.changes.append((t_ns, name, data))
