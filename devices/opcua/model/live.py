"""Values that a model computes from the line's readings: what they are now. One `Live` per bench.

A value is computed when it is read, and after a change for those that somebody subscribed to; nothing is kept else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.endpoint import LineView
from devices.opcua.values import GOOD, WireValue, stamp, status, status_code
from sim.tag import Quality, Reading, Value
from sim.text import Text

CHINESE = "zh"
_WORSE = {Quality.GOOD: 0, Quality.UNCERTAIN: 1, Quality.BAD: 2}


class Look(Protocol):
    """What a computed value sees."""

    @property
    def view(self) -> LineView: ...

    @property
    def memory(self) -> dict[str, object]:
        """What a model keeps for this bench, by a name of its own."""
        ...

    def value(self, index: int) -> Value: ...

    def reading(self, index: int) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Bad:
    """There is no value, and why."""

    code: int = StatusCodes.BadNoData


Compute = Callable[[Look], object]


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """A variable that is computed. `tags`: the readings that it depends on; `timed`: on the time as well."""

    node: ua.NodeId
    type: ua.VariantType
    array: bool
    compute: Compute
    tags: tuple[int, ...] = ()
    timed: bool = False
    trusted: bool = False  # good whatever the quality of those readings: it is about it


def localized(value: object, locales: Sequence[str]) -> object:
    """A text of ours in the first language asked for that there is; without a wish in English."""
    if isinstance(value, Text):
        return chosen(value, locales)
    if isinstance(value, list):
        return [chosen(one, locales) if isinstance(one, Text) else one for one in value]
    return value


def chosen(text: Text, locales: Sequence[str]) -> ua.LocalizedText:
    """One of the two languages, by what a session asked for at its activation (Part 4, 5.4)."""
    for locale in locales:
        if locale.lower().startswith(CHINESE):
            return ua.LocalizedText(text.zh, CHINESE)
        if locale.lower().startswith("en"):
            break
    return ua.LocalizedText(text.en, "en")


@dataclass(slots=True)
class Live:
    """The computed values of one bench."""

    view: LineView
    derived: Mapping[ua.NodeId, Derived]
    memory: dict[str, object] = field(default_factory=dict)
    observers: Mapping[int, Sequence[Callable[["Live"], None]]] = field(default_factory=dict)
    _said: dict[ua.NodeId, WireValue] = field(default_factory=dict)

    def observe(self, changed: Sequence[int]) -> None:
        """These tags changed: what follows them remembers, read or not."""
        for index in changed:
            for look in self.observers.get(index, ()):
                look(self)

    def value(self, index: int) -> Value:
        return self.view.read(index).value

    def reading(self, index: int) -> Reading:
        return self.view.read(index)

    def read(self, node: ua.NodeId, locales: Sequence[str] = ()) -> WireValue | None:
        """What that variable is now, None where it is none of ours. The time stamp is when it was first seen so."""
        derived = self.derived.get(node)
        if derived is None:
            return None
        value = derived.compute(self)
        code = (
            status_code(value.code) if isinstance(value, Bad) else GOOD if derived.trusted else self._quality(derived)
        )
        shown = None if isinstance(value, Bad) else localized(value, locales)
        kind = ua.VariantType.Null if shown is None else derived.type
        variant = ua.Variant(shown, kind, is_array=derived.array and shown is not None)
        before = None if locales else self._said.get(node)
        if before is not None and before.Value == variant and before.StatusCode == code:
            return before
        now = stamp(self.view.clock.utc())
        said = WireValue(Value=variant, StatusCode=code, SourceTimestamp=now, ServerTimestamp=now)
        if not locales:
            self._said[node] = said
        return said

    def _quality(self, derived: Derived) -> ua.StatusCode:
        """As good as the worst of the readings that it was made of."""
        if derived.trusted:
            return GOOD
        worst = max((self.reading(i) for i in derived.tags), key=lambda r: _WORSE[r.quality], default=None)
        return GOOD if worst is None else status(worst)
