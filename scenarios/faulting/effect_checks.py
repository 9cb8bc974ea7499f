"""Effects of a fault file, checked before there is a line: ways, keys, kinds, parameters and the figures they use."""

from collections.abc import Mapping

from scenarios.faulting import effects, values
from scenarios.faulting.hows import (
    INPUT_OPS,
    LINK_KEYS,
    PARAMETER_HOWS,
    QUALITIES,
    READING,
    SIGNAL_HOWS,
    SPAN,
    WORD,
    Key,
)
from scenarios.faulting.model import EffectFile, FaultFile, SelectorFile, SomeFile
from scenarios.file_error import Field, unknown
from scenarios.yaml_source import Source
from sim.link_faults import LINK_HOWS, WIRES
from sim.spec import Kind
from sim.tag import Reason
from sim.text import Text

_T = Text("", "")
_HEADS = ("signal", "signals", "parameter", "disturbance", "link", "input")
_WHERE = {"parameter": ("component", "components"), "disturbance": ("component", "components")}
_BESIDE_SIGNAL = (Key("quality", WORD, _T, required=False, choices=QUALITIES), Key("reason", WORD, _T, required=False))
_BESIDE_INPUT = (Key("every", "time", _T, required=False), Key("peer", WORD, _T, required=False),
                 Key("wire", WORD, _T, required=False, choices=WIRES))  # fmt: skip
LEAST_EVERY_NS = 10_000_000


class EffectChecks:
    """Checks one effect after the other; `uses` are the dimensions of the figures that they use."""

    def __init__(self, source: Source, given: FaultFile, kinds: Mapping[str, Kind]) -> None:
        self._source, self._given, self._kinds = source, given, kinds
        self.uses: dict[str, str] = {}

    def check(self, effect: EffectFile, at: Field) -> None:
        heads = [name for name in _HEADS if getattr(effect, name) is not None]
        if len(heads) != 1:
            which = ", ".join(heads) or "none"
            self._source.add(at, f"needs exactly one of {', '.join(_HEADS)}; it has {which}")
            return
        (head,) = heads
        for place in ("component", "components"):
            if getattr(effect, place) is not None and place not in _WHERE.get(head, ()):
                self._source.add((*at, place), f"has no meaning beside {head}")
        if effect.component is not None and effect.components is not None:
            self._source.add((*at, "components"), "and component: one or the other")
        extra = dict(effect.model_extra or {})
        {"signal": self._signal, "signals": self._signal, "parameter": self._parameter, "link": self._link,
         "disturbance": self._disturbance, "input": self._input}[head](effect, extra, at)  # fmt: skip

    # ---- the five ----------------------------------------------------------------------------------------------

    def _signal(self, effect: EffectFile, extra: dict[str, object], at: Field) -> None:
        self._names(effect.signal, (*at, "signal"))
        if effect.signals is not None:
            self._some(effect.signals, (*at, "signals"))
        how = self._how(extra, SIGNAL_HOWS, at)
        if how is None:
            return
        self._keys(extra, (*SIGNAL_HOWS[how].keys, *_BESIDE_SIGNAL), f"{how}", at)
        reason = extra.get("reason")
        if isinstance(reason, str) and reason not in set(Reason):
            self._source.add((*at, "reason"), unknown("reason", reason, list(Reason)))
        if how == "quality" and "quality" not in extra:
            self._source.add((*at, "quality"), f"is missing: {', '.join(QUALITIES)}")

    def _parameter(self, effect: EffectFile, extra: dict[str, object], at: Field) -> None:
        how = self._how(extra, dict.fromkeys(PARAMETER_HOWS), at)
        dimension = ""
        for kind in self._affected(effect, at):
            parameter = kind.parameter(str(effect.parameter))
            if parameter is None:
                names = [p.name for p in kind.parameters if not p.many and not p.fixed]
                self._source.add(
                    (*at, "parameter"), unknown(f"parameter of a {kind.name}", str(effect.parameter), names)
                )
            elif parameter.many:
                self._source.add((*at, "parameter"), f"{parameter.name} is a list: a fault changes single values only")
            elif parameter.fixed:
                self._source.add((*at, "parameter"), f"{parameter.name} of a {kind.name} is fixed: the line is built "
                                 "with it; change it in the line file")  # fmt: skip
            elif not parameter.choices:
                dimension = parameter.dimension
        if how is not None:
            key = Key("value", "ratio" if how == "factor" else dimension or WORD, _T)
            self._keys(extra, (key,), f"{how}", at)

    def _disturbance(self, effect: EffectFile, extra: dict[str, object], at: Field) -> None:
        for kind in self._affected(effect, at):
            methods = [disturbance.name for disturbance in kind.disturbances]
            if effect.disturbance not in methods:
                said = unknown(f"disturbance of a {kind.name}", str(effect.disturbance), methods)
                self._source.add((*at, "disturbance"), said)
        self._keys(extra, (), "disturbance", at)

    def _link(self, effect: EffectFile, extra: dict[str, object], at: Field) -> None:
        how = str(effect.link)
        if how not in LINK_KEYS:
            self._source.add((*at, "link"), unknown("way of a wire", how, LINK_KEYS))
            return
        given = extra.pop("wire", None)
        wires = given if isinstance(given, list) else [given] if given is not None else self._given.target.wire or []
        if not wires:
            self._source.add((*at, "wire"), "is missing: which wire? the target of this fault is none")
        for wire in wires:
            if effects.used(wire):
                self._names(wire, (*at, "wire"))
            elif wire not in LINK_HOWS[how].wires:
                self._source.add((*at, "wire"), f"{how} is for {', '.join(LINK_HOWS[how].wires)}, not for {wire}")
        self._keys(extra, LINK_KEYS[how], how, at)
        self._figures(how, extra, at)

    def _figures(self, how: str, extra: Mapping[str, object], at: Field) -> None:
        """Figures of a wire have their range in the line's own table."""
        for key, figure in zip(LINK_KEYS[how], LINK_HOWS[how].figures, strict=True):
            given = extra.get(key.name)
            if given is None or effects.used(given):
                continue
            try:
                value = values.read(given, key)
            except ValueError:
                continue  # said already
            if not figure.fits(value):
                self._source.add(
                    (*at, key.name), f"{given} is out of range: {figure.low} to {figure.high} {figure.unit}"
                )

    def _input(self, effect: EffectFile, extra: dict[str, object], at: Field) -> None:
        op = str(effect.input)
        if op not in INPUT_OPS:
            self._source.add((*at, "input"), unknown("operation", op, INPUT_OPS))
            return
        undo = extra.pop("undo", None)
        self._keys(extra, (*INPUT_OPS[op], *_BESIDE_INPUT), op, at)
        self._every(extra.get("every"), (*at, "every"))
        if ("peer" in extra) != ("wire" in extra):
            self._source.add((*at, "peer"), "and wire belong together: who writes, and on which wire")
        if undo is None:
            return
        if isinstance(undo, dict):
            optional = tuple(Key(k.name, k.dimension, k.title, k.arg, False, k.choices) for k in INPUT_OPS[op])
            self._keys(undo, optional, op, (*at, "undo"))
        else:
            self._source.add((*at, "undo"), "must be a mapping: what is different, as {value: 300}")

    def _every(self, given: object, at: Field) -> None:
        if given is None or effects.used(given):
            return
        try:
            time_ns = values.read(given, Key("every", "time", _T))
        except ValueError:
            return  # said already
        if isinstance(time_ns, int) and time_ns < LEAST_EVERY_NS:
            self._source.add(at, "must be at least 10 ms")

    # ---- keys and names ----------------------------------------------------------------------------------------

    def _how(self, extra: dict[str, object], known: Mapping[str, object], at: Field) -> str | None:
        how = extra.pop("how", None)
        if isinstance(how, str) and how in known:
            return how
        if how is None:
            self._source.add((*at, "how"), f"is missing: {', '.join(known)}")
        else:
            self._source.add((*at, "how"), unknown("way", str(how), known))
        return None

    def _keys(self, given: Mapping[str, object], keys: tuple[Key, ...], what: str, at: Field) -> None:
        by_name = {key.name: key for key in keys}
        for name in given:
            if name not in by_name:
                self._source.add((*at, name), unknown(f"key of {what}", name, by_name))
        for key in keys:
            if key.name in given:
                self._value(given[key.name], key, (*at, key.name))
            elif key.required:
                self._source.add((*at, key.name), f"is missing: {what} needs it")

    def _value(self, given: object, key: Key, at: Field) -> None:
        names = effects.used(given)
        if not names:
            try:
                values.check(given, key)
            except ValueError as error:
                self._source.add(at, str(error))
            return
        self._names(given, at, key.dimension)

    def _names(self, given: object, at: Field, dimension: str = WORD) -> None:
        """The figures that are used here, each in one dimension wherever it is used."""
        for name in effects.used(given):
            if name in effects.BUILT_IN:
                continue
            if name not in self._given.parameters:
                known = [f"${n}" for n in (*self._given.parameters, *effects.BUILT_IN)]
                self._source.add(at, unknown("word", f"${name}", known))
                continue
            first = self.uses.setdefault(name, dimension)
            if first != dimension and {first, dimension} != {READING, SPAN}:
                self._source.add(at, f"${name} is {dimension} here and {first} elsewhere: take two parameters")

    def _some(self, given: SomeFile, at: Field) -> None:
        check_kinds(self._source, given, at, self._kinds)
        self._names(given.station, (*at, "station"))
        self._names(given.component, (*at, "component"))

    def _affected(self, effect: EffectFile, at: Field) -> list[Kind]:
        """The kinds of the components that an effect is about, as far as the file tells."""
        if effect.components is not None:
            self._some(effect.components, (*at, "components"))
            return [self._kinds[name] for name in effect.components.kind or () if name in self._kinds]
        if effect.component is not None and effect.component not in ("$component", "$target"):
            self._names(effect.component, (*at, "component"))
            return []
        return [self._kinds[name] for name in self._given.target.kind or () if name in self._kinds]


def check_kinds(source: Source, given: SelectorFile, at: Field, kinds: Mapping[str, Kind]) -> list[Kind]:
    """The kinds that a selector names; complaints about those, and about ports, that there are not."""
    found = [kinds[name] for name in given.kind or () if name in kinds]
    for name in given.kind or ():
        if name not in kinds:
            source.add((*at, "kind"), unknown("kind of component", name, kinds))
    if given.port is not None and given.kind is None:
        source.add((*at, "port"), "needs the kind of component that has this port")
    elif given.port is not None and found and not any(c in given.port for c in "*?["):
        ports = [port.name for kind in found for port in kind.ports]
        if given.port not in ports:
            source.add((*at, "port"), unknown(f"port of a {' or '.join(k.name for k in found)}", given.port, ports))
    return found
