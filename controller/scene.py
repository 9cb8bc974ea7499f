"""What a browser needs to draw a line: the last move of each component, where each part is, states, steps.

Listens to the events of a line; hands out the whole picture, and what changed since it was asked last. Faults, and what
the plant does behind its signals, are not in it: trainees see this.
"""

from controller.line import LiveLine
from sim.state import JsonValue

NS = 1_000_000_000
PENDING = 5000  # events kept for the next frame; beyond that the picture is sent whole

Picture = dict[str, JsonValue]
SHOWN = ("move", "new", "part", "verdict", "state", "step", "control", "mode")


class Scene:
    """The picture of one run. `attach` begins it anew for the next one."""

    def __init__(self, line: LiveLine) -> None:
        self._line: LiveLine | None = None
        self._moves: dict[str, JsonValue] = {}
        self._parts: dict[str, Picture] = {}
        self._states: dict[str, JsonValue] = {}
        self._steps: dict[str, JsonValue] = {}
        self._control: dict[str, JsonValue] = {}
        self._modes: dict[str, JsonValue] = {}  # of flow components
        self._pending: list[JsonValue] = []
        self.torn = False  # changes were lost: only the whole picture helps
        self.attach(line)

    def attach(self, line: LiveLine) -> None:
        """Show this line from now on."""
        if self._line is not None:
            self._line.unlisten(self.hear)
        self._line = line
        for shown in (self._moves, self._parts, self._states, self._steps, self._control, self._modes):
            shown.clear()
        line.announce(self.hear)
        self._pending.clear()
        self.torn = True
        line.listen(self.hear)

    def hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        """One event of the line."""
        if kind not in SHOWN:
            return
        plain = _plain(data)
        if kind == "part" and isinstance(plain, list):
            plain = plain[:3]  # where it is; the genealogy of a part that is gone is no matter of drawing
        self._show(kind, str(subject), t_ns / NS, plain)
        self._add([t_ns / NS, kind, subject, plain])

    def _add(self, event: JsonValue) -> None:
        if len(self._pending) >= PENDING:
            self._pending.clear()
            self.torn = True
        if not self.torn:
            self._pending.append(event)

    def _show(self, kind: str, subject: str, t_s: float, data: JsonValue) -> None:
        if kind == "move" and isinstance(data, list):
            self._moves[subject] = [t_s, *data]
        elif kind == "new" and isinstance(data, dict):
            self._part(subject).update(data)  # said again when it becomes another kind: it stays where it is
        elif kind == "part" and isinstance(data, list):
            if data[0] == "gone":
                self._parts.pop(subject, None)
            else:
                self._part(subject)["at"] = data
        elif kind == "verdict":
            self._part(subject)["verdict"] = data
        else:
            facts = {"state": self._states, "step": self._steps, "control": self._control, "mode": self._modes}
            facts[kind][subject] = data

    def _part(self, serial: str) -> Picture:
        return self._parts.setdefault(serial, {"colour": None, "verdict": None, "at": None})

    def take(self) -> list[JsonValue]:
        """The changes since the last `take` or `picture`, in order."""
        pending, self._pending = self._pending, []
        return pending

    def picture(self) -> Picture:
        """Everything, as it is now; changes before are part of it."""
        self._pending.clear()
        self.torn = False
        return {
            "moves": dict(self._moves),
            "parts": {serial: dict(part) for serial, part in self._parts.items()},
            "st": dict(self._states),
            "control": dict(self._control),
            "steps": dict(self._steps),
            "modes": dict(self._modes),
        }


def _plain(data: object) -> JsonValue:
    """Events hold tuples and lists of plain values."""
    if isinstance(data, list | tuple):
        return [_plain(item) for item in data]
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    return data if data is None or isinstance(data, bool | int | float | str) else str(data)
