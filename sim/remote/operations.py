"""What the gate does for real devices: one row per operation, a check and a deed.

source        {"station"| "tags": [...], "mode": "real"|"sim", "values": [...], "terms": {...}, "abort": true}
reading       {"values": [[tag, value, quality, reason], ...]}     of tags whose source is real
force         {"tag", "value"}                                     null: no more
arm           {"station", "armed"}
lost          {"station", "reason"}                                stop it: nobody knows what is there
confirm_parts {"station", "parts": [serial, ...]}
"""

from collections.abc import Callable, Iterator
from typing import cast

from sim.arguments import Args, word
from sim.plant import Plant
from sim.refusal import Refusal
from sim.remote.rules import bent
from sim.remote.stand_in import DEVICE
from sim.remote.terms import Terms, terms_of
from sim.state import JsonValue
from sim.tag import INTEGER_RANGE, LARGEST_REAL, DataType, Direction, Quality, Reading, Reason, Tag, Value

Refusals = tuple[Refusal | None, ...]
Operation = tuple[Callable[[Args], Refusals], Callable[[Args], None]]
READABLE = (Direction.INPUT, Direction.STATUS)


def fits(tag: Tag, value: JsonValue) -> bool:
    """Whether a card of this data type can say it."""
    if tag.type is DataType.BOOL or isinstance(value, bool):
        return tag.type is DataType.BOOL and isinstance(value, bool)
    if not isinstance(value, int if tag.type.is_integer else int | float):
        return False
    low, high = INTEGER_RANGE.get(tag.type, (-LARGEST_REAL, LARGEST_REAL))
    return low <= value <= high


class Remote:
    """The operations on one plant. `effects` are those of the faults that are active."""

    def __init__(self, plant: Plant, effects: Callable[[], Iterator[Args]]) -> None:
        self.plant, self._effects = plant, effects
        self.table: dict[str, Operation] = {
            "source": (self._check_source, self._do_source),
            "reading": (self._check_reading, self._do_reading),
            "force": (self._check_force, self._do_force),
            "arm": (self._check_arm, self._do_arm),
            "lost": (self._check_station, self._do_lost),
            "confirm_parts": (self._check_confirm, self._do_confirm),
        }

    # ---- where values come from --------------------------------------------------------------------------------

    def _check_source(self, args: Args) -> Refusals:
        if args.get("mode") not in ("real", "sim") or not isinstance(args.get("abort", False), bool):
            return (Refusal.RANGE,)
        if args["mode"] == "sim":
            return (self._known(args),)
        if "station" in args and word(args, "station") not in self.plant.stand_ins:
            return (Refusal.UNKNOWN,)
        wrong = self._wrong_values(args.get("values"), self._may_begin)
        if wrong is not None or "station" not in args:
            return (wrong,)
        terms = terms_of(args.get("terms"))
        if isinstance(terms, Refusal):
            return (terms,)
        station = word(args, "station")
        if station in {bent(self.plant, effect) for effect in self._effects()}:
            return (Refusal.STATE,)
        others = [row for row in _rows(args["values"]) if not str(row[0]).startswith(f"{station}.")]
        return (Refusal.RANGE if others else self.plant.stand_ins[station].check(terms),)

    def _known(self, args: Args) -> Refusal | None:
        if "station" in args:
            return None if word(args, "station") in self.plant.stand_ins else Refusal.UNKNOWN
        tags = args.get("tags")
        known = isinstance(tags, list) and all(self._tag(name) is not None for name in tags)
        return None if known else Refusal.UNKNOWN

    def _may_begin(self, tag: Tag) -> Refusal | None:
        return None if tag.direction in READABLE else Refusal.READ_ONLY

    def _do_source(self, args: Args) -> None:
        values = _rows(args.get("values"))
        real = args["mode"] == "real"
        if "station" not in args:
            for name in [row[0] for row in values] if real else cast(list[JsonValue], args["tags"]):
                self._tell(name, None)
            self._say(values if real else [])
            return
        stand_in = self.plant.stand_ins[word(args, "station")]
        if stand_in.s.real:
            stand_in.end()
        if real:
            self._say(values)
            tags = [tag.index for row in values if (tag := self._tag(row[0])) is not None]
            stand_in.begin(tags, cast(Terms, terms_of(args.get("terms"))))
        if args.get("abort"):
            stand_in.abort(DEVICE)

    # ---- readings ----------------------------------------------------------------------------------------------

    def _check_reading(self, args: Args) -> Refusals:
        return (self._wrong_values(args.get("values"), self._is_real),)

    def _is_real(self, tag: Tag) -> Refusal | None:
        return None if tag.index in self.plant.image.state.readings else Refusal.STATE

    def _wrong_values(self, values: JsonValue, admits: Callable[[Tag], Refusal | None]) -> Refusal | None:
        if not isinstance(values, list):
            return Refusal.TYPE
        for row in values:
            if not isinstance(row, list) or len(row) != 4:
                return Refusal.TYPE
            tag = self._tag(row[0])
            if tag is None:
                return Refusal.UNKNOWN
            if not fits(tag, row[1]):
                return Refusal.TYPE
            if row[2] not in Quality.__members__.values() or row[3] not in ("", *Reason.__members__.values()):
                return Refusal.RANGE
            refused = admits(tag)
            if refused is not None:
                return refused
        return None

    def _do_reading(self, args: Args) -> None:
        self._say(_rows(args["values"]))
        stations = {str(row[0]).partition(".")[0] for row in _rows(args["values"])}
        for name, stand_in in self.plant.stand_ins.items():
            if name in stations:
                stand_in.heard()

    def _say(self, values: list[list[JsonValue]]) -> None:
        for name, value, quality, reason in values:
            self._tell(name, Reading(cast(Value, value), Quality(str(quality)), str(reason)))

    def _tell(self, name: JsonValue, reading: Reading | None) -> None:
        tag = self._tag(name)
        if tag is None:
            return
        if reading is not None and tag.type is DataType.REAL:
            reading = Reading(float(reading.value), reading.quality, reading.reason)
        self.plant.image.tell(tag.index, reading)

    # ---- forcing -----------------------------------------------------------------------------------------------

    def _check_force(self, args: Args) -> Refusals:
        tag, value = self._tag(args.get("tag")), args.get("value")
        if tag is None:
            return (Refusal.UNKNOWN,)
        if tag.direction not in READABLE:
            return (Refusal.READ_ONLY,)
        return (None if value is None or fits(tag, value) else Refusal.TYPE,)

    def _do_force(self, args: Args) -> None:
        tag, value = cast(Tag, self._tag(args["tag"])), cast(Value | None, args.get("value"))
        if value is not None and tag.type is DataType.REAL:
            value = float(value)
        self.plant.image.force(tag.index, value)

    # ---- stations ----------------------------------------------------------------------------------------------

    def _check_station(self, args: Args) -> Refusals:
        stand_in = self.plant.stand_ins.get(word(args, "station"))
        return (Refusal.UNKNOWN if stand_in is None else None if stand_in.s.real else Refusal.STATE,)

    def _check_arm(self, args: Args) -> Refusals:
        wrong = self._check_station(args)[0]
        return (wrong or (None if isinstance(args.get("armed"), bool) else Refusal.TYPE),)

    def _do_arm(self, args: Args) -> None:
        self.plant.stand_ins[word(args, "station")].arm(bool(args["armed"]))

    def _do_lost(self, args: Args) -> None:
        stand_in = self.plant.stand_ins[word(args, "station")]
        stand_in.arm(False)
        stand_in.abort(DEVICE)

    def _check_confirm(self, args: Args) -> Refusals:
        stand_in, parts = self.plant.stand_ins.get(word(args, "station")), args.get("parts")
        if stand_in is None:
            return (Refusal.UNKNOWN,)
        if not stand_in.s.unconfirmed:
            return (Refusal.STATE,)
        held: list[JsonValue] = [*stand_in.parts()]
        known = isinstance(parts, list) and all(not isinstance(part, bool) and part in held for part in parts)
        return (None if known else Refusal.UNKNOWN,)

    def _do_confirm(self, args: Args) -> None:
        self.plant.stand_ins[word(args, "station")].confirm(cast(list[int], args["parts"]))

    def _tag(self, name: JsonValue) -> Tag | None:
        return self.plant.image.tags.find(name) if isinstance(name, str) else None


def _rows(values: JsonValue) -> list[list[JsonValue]]:
    return cast(list[list[JsonValue]], values) if isinstance(values, list) else []
