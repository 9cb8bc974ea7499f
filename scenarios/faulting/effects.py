"""Effects of a fault, aimed: from the words of a file to the arguments that the line's fault engine takes."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from scenarios.faulting import select, values
from scenarios.faulting.fault import FaultError
from scenarios.faulting.hows import INPUT_OPS, LINK_KEYS, LOOP_WORDS, ON_TAG, SIGNAL_HOWS, STATION, TAG, How, Key
from scenarios.faulting.model import EffectFile, SomeFile
from scenarios.faulting.select import Site
from scenarios.faulting.values import Given
from scenarios.file_error import unknown
from sim.link_faults import WIRES, check_link
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import DataType, Tag
from sim.tags import LINE

Args = dict[str, JsonValue]
_NAMED = re.compile(r"\$([a-z][a-z0-9_]*)")
BUILT_IN = ("target", "station", "component", "initial", "next")


@dataclass(frozen=True)
class Aim:
    """One fault at one target: what `$name` stands for there."""

    site: Site
    target: str
    words: Mapping[str, Given]

    def fill(self, given: object) -> object:
        """A value with its `$name`s replaced. Raises FaultError where one means nothing here."""
        if not isinstance(given, str) or "$" not in given:
            return given
        whole = _NAMED.fullmatch(given.strip())
        return self._word(whole[1]) if whole else _NAMED.sub(lambda found: str(self._word(found[1])), given)

    def text(self, given: object) -> str:
        return str(self.fill(given))

    def _word(self, name: str) -> Given:
        if name not in self.words:
            raise FaultError(f"${name} means nothing at {self.target}")
        return self.words[name]

    @property
    def station(self) -> str | None:
        found = self.words.get("station")
        return None if found is None else str(found)


def used(given: object) -> list[str]:
    """The `$name`s of a value, of whatever is inside it too."""
    if isinstance(given, str):
        return _NAMED.findall(given)
    inner = given.values() if isinstance(given, dict) else given if isinstance(given, list) else ()
    return [name for value in inner for name in used(value)]


def words_at(site: Site, target: str) -> dict[str, Given]:
    """What `$target`, `$station`, `$component`, `$initial` and `$next` stand for."""
    words: dict[str, Given] = {"target": target}
    if target in WIRES or target == LINE:
        return words
    words["station"] = target.partition(".")[0]
    tag = site.tags.find(target)
    if target in site.components and tag is None:
        words["component"] = target
    elif tag is not None:
        words["initial"] = tag.initial
        if tag.name in site.places:
            words["component"] = site.places[tag.name].component
        follower = _next(site, tag)
        if follower is not None:
            words["next"] = follower
    return words


def _next(site: Site, tag: Tag) -> str | None:
    """Another tag of that station that could be taken for this one: of one type and direction; not a panel's."""
    like = [
        other.name
        for other in site.tags.of(tag.station)
        if (other.type, other.direction) == (tag.type, tag.direction) and other.name in site.places
    ]
    if tag.name not in like or len(like) < 2:
        return None
    return like[(like.index(tag.name) + 1) % len(like)]


# ---- one effect -----------------------------------------------------------------------------------------------------


def resolve(effect: EffectFile, aim: Aim) -> list[Args]:
    """The effects that it stands for; none where it is optional and the line has nothing of the kind."""
    seam = seam_of(effect)
    try:
        return list(_SEAMS[seam](effect, aim))
    except FaultError:
        if effect.optional:
            return []
        raise
    except ValueError as error:
        raise FaultError(f"{aim.target}: {error}") from error


def seam_of(effect: EffectFile) -> str:
    """Which of the five it is."""
    names = ("parameter", "disturbance", "link", "input")
    return next((name for name in names if getattr(effect, name) is not None), "signal")


def _extra(effect: EffectFile) -> dict[str, object]:
    return dict(effect.model_extra or {})


def _read(keys: tuple[Key, ...], given: Mapping[str, object], aim: Aim, tag: Tag | None = None) -> Args:
    """The keys of a row; what the file leaves out stays out."""
    args: Args = {}
    for key in keys:
        if key.name in given:
            value = aim.fill(given[key.name])
            try:
                args[key.called] = values.read(value, key, tag)
            except ValueError as error:
                raise ValueError(f"{key.name}: {error}") from error
    return args


def _signal(effect: EffectFile, aim: Aim) -> Iterator[Args]:
    extra = _extra(effect)
    how = SIGNAL_HOWS[str(extra["how"])]
    for tag in _tags(effect, aim):
        _fits(how, tag)
        more: Args = {name: aim.text(extra[name]) for name in ("quality", "reason") if name in extra}
        yield {"seam": "signal", "tag": tag.name, **_way(how, extra, aim, tag), **more}


def _tags(effect: EffectFile, aim: Aim) -> list[Tag]:
    if effect.signals is not None:
        some = effect.signals
        component = aim.text(some.component) if some.component is not None else None
        found = select.tags(some, aim.site, _station(some, aim), component)
        if not found:
            raise FaultError(f"{aim.target}: the line has no such signals there")
        return found
    name = aim.text(effect.signal)
    tag = aim.site.tag_of(name)
    if tag is None:
        raise FaultError(unknown("tag", name, [tag.name for tag in aim.site.tags]))
    return [tag]


def _station(some: SomeFile, aim: Aim) -> str | None:
    if some.station is None:
        return None
    name = aim.text(some.station)
    if name not in aim.site.stations:
        raise FaultError(unknown("station", name, aim.site.stations))
    return name


def _fits(how: How, tag: Tag) -> None:
    if how.types == "number" and tag.type is DataType.BOOL:
        raise FaultError(f"{tag.name} is true or false: {how.name} is for numbers")
    if how.types == "BOOL" and tag.type is not DataType.BOOL:
        raise FaultError(f"{tag.name} is a number: {how.name} is for what is true or false")
    if how.outputs and not tag.writable:
        raise FaultError(f"{tag.name} is no output and no set point: {how.name} is for commands")


def _way(how: How, extra: Mapping[str, object], aim: Aim, tag: Tag) -> Args:
    if how.name in LOOP_WORDS:
        percent, quality, reason = LOOP_WORDS[how.name]
        if tag.type is DataType.BOOL:  # a digital input has no way to tell a broken wire from nothing there
            return {"how": "stuck", "value": percent > 0}
        return {"how": "stuck", "value": values.beyond(percent, tag), "quality": quality, "reason": reason}
    args: Args = {"how": how.name, **_read(how.keys, extra, aim, tag)}
    if "with" in args:
        args["with"] = _other(str(args["with"]), tag, aim)
    return args


def _other(name: str, tag: Tag, aim: Aim) -> str:
    other = aim.site.tag_of(name)
    if other is None:
        raise FaultError(unknown("tag", name, [t.name for t in aim.site.tags if t.type is tag.type]))
    if other.type is not tag.type or other.name == tag.name:
        raise FaultError(f"{tag.name} cannot change places with {other.name}: it must be another {tag.type}")
    return other.name


def _components(effect: EffectFile, aim: Aim) -> list[str]:
    if effect.components is not None:
        found = select.components(effect.components, aim.site, _station(effect.components, aim))
        if not found:
            raise FaultError(f"{aim.target}: the line has no such components there")
        return found
    name = aim.text(effect.component or "$component")
    if name not in aim.site.components:
        raise FaultError(unknown("component", name, aim.site.components))
    return [name]


def _parameter(effect: EffectFile, aim: Aim) -> Iterator[Args]:
    extra = _extra(effect)
    how, called = str(aim.fill(extra["how"])), str(effect.parameter)
    for name in _components(effect, aim):
        kind = aim.site.kinds[aim.site.components[name].kind]
        parameter = kind.parameter(called)
        if parameter is None or called not in aim.site.components[name].parameters:
            raise FaultError(unknown(f"parameter of {name}", called, aim.site.components[name].parameters))
        if parameter.fixed or parameter.many:
            raise FaultError(f"{called} of a {kind.name} is fixed: the line is built with it")
        if parameter.choices and how == "replace":
            value: Given = parameter.choices.index(aim.text(extra["value"]))
        else:
            dimension = "ratio" if how == "factor" else parameter.dimension
            value = values.read(aim.fill(extra["value"]), Key("value", dimension, parameter.title))
        yield {"seam": "parameter", "component": name, "parameter": called, "how": how, "value": value}


def _disturbance(effect: EffectFile, aim: Aim) -> Iterator[Args]:
    for name in _components(effect, aim):
        kind = aim.site.kinds[aim.site.components[name].kind]
        methods = [disturbance.name for disturbance in kind.disturbances]
        if effect.disturbance not in methods:
            raise FaultError(unknown(f"disturbance of {name}, a {kind.name},", str(effect.disturbance), methods))
        yield {"seam": "disturbance", "component": name, "method": effect.disturbance}


def _link(effect: EffectFile, aim: Aim) -> Iterator[Args]:
    extra, how = _extra(effect), aim.text(effect.link)
    given = extra.get("wire", "$target")
    for wire in given if isinstance(given, list) else [given]:
        args: Args = {"seam": "link", "wire": aim.text(wire), "how": how}
        args |= _read(LINK_KEYS[how], extra, aim)
        if check_link(args) is not None:
            raise FaultError(f"{args['wire']}: {how} with these figures is not possible there (see link-faults.md)")
        yield args


def _input(effect: EffectFile, aim: Aim) -> Iterator[Args]:
    extra, op = _extra(effect), str(effect.input)
    args: Args = {"seam": "input", "op": op, "args": _arguments(op, extra, aim)}
    if "every" in extra:
        args["every_ns"] = values.read(aim.fill(extra["every"]), Key("every", "time", SIGNAL_HOWS["delay"].title))
    undo = extra.get("undo")
    if isinstance(undo, dict):
        again = {key: value for key, value in {**extra, **undo}.items() if key not in ("undo", "every")}
        args["undo"] = {"op": op, "args": _arguments(op, again, aim)}
    args |= {name: aim.text(extra[name]) for name in ("peer", "wire") if name in extra}
    yield args


def _arguments(op: str, extra: Mapping[str, object], aim: Aim) -> Args:
    keys = INPUT_OPS[op]
    if op == "write":
        tag = aim.site.tag_of(aim.text(extra["tag"]))
        if tag is None or not tag.writable:
            names = [t.name for t in aim.site.tags if t.writable]
            raise FaultError(unknown("tag that can be written", aim.text(extra["tag"]), names))
        value = _read(tuple(key for key in keys if key.dimension in ON_TAG), extra, aim, tag)["value"]
        accepted = tag.accept(value)
        if isinstance(accepted, Refusal):
            raise FaultError(f"{value} cannot be written to {tag.name}: {_limits(tag)}")
        return {"writes": [[tag.name, accepted]]}
    args = _read(keys, extra, aim)
    if op == "alarm" and args["alarm"] not in aim.site.alarms:
        raise FaultError(unknown("alarm", str(args["alarm"]), aim.site.alarms))
    for key in keys:
        if key.dimension == STATION and args[key.called] not in aim.site.stations:
            raise FaultError(unknown("station", str(args[key.called]), aim.site.stations))
        if key.dimension == TAG and aim.site.tag_of(str(args[key.called])) is None:
            raise FaultError(unknown("tag", str(args[key.called]), [t.name for t in aim.site.tags]))
    return args


def _limits(tag: Tag) -> str:
    if tag.range is None:
        return f"it is {tag.type}"
    low, high = tag.range
    return f"it goes from {low:g} to {high:g} {tag.unit}".rstrip()


_SEAMS: Mapping[str, Callable[[EffectFile, Aim], Iterator[Args]]] = {
    "signal": _signal,
    "parameter": _parameter,
    "disturbance": _disturbance,
    "link": _link,
    "input": _input,
}
