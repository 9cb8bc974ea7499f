"""A binding file drafted from what a device offers, by matching names. To be edited: a name is no proof.

A tag `sorting.belt_run` is found as `Sorting.BeltRun`, `line/sorting/belt_run/value`, or as `belt_run` alone where no
other station has such a signal.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from devices.drivers import DeviceType, Discovery, Found
from sim.tag import DataType, Direction, Tag

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_GENERIC = ("value", "val", "pv", "v", "present_value")  # last words that say nothing
_HANDSHAKE = ("upstream_part_available", "downstream_ready")
MOST_LEFT = 40  # of what matched nothing, as remarks
EXACT, TAIL, SIGNAL = 3, 2, 1


@dataclass(frozen=True, slots=True)
class Match:
    """A tag and what is most probably it."""

    tag: Tag
    found: Found
    sure: bool  # station and signal are both in the name


def plain(name: str) -> str:
    """A name in small words joined by `_`, without what says nothing at its end."""
    words = "_".join(word.lower() for word in _WORDS.findall(name))
    for generic in _GENERIC:
        words = words.removesuffix(f"_{generic}")
    return words


def matches(found: Sequence[Found], tags: Iterable[Tag]) -> list[Match]:
    """The best for each tag that can come from a device; nothing is given to two tags."""
    bindable = [tag for tag in tags if _bindable(tag)]
    signals = [plain(tag.signal) for tag in bindable]
    alone = {signal for signal in signals if signals.count(signal) == 1}
    rows = [
        (_score(plain(one.name or one.address), tag, alone), place, tag, one)
        for place, one in enumerate(found)
        for tag in bindable
        if _fits(one, tag)
    ]
    taken: dict[int, Match] = {}
    used: set[str] = set()
    for score, _, tag, one in sorted((row for row in rows if row[0]), key=lambda row: (-row[0], row[1])):
        if tag.index not in taken and one.address not in used:
            taken[tag.index] = Match(tag, one, score > SIGNAL)
            used.add(one.address)
    return [taken[index] for index in sorted(taken)]


def _bindable(tag: Tag) -> bool:
    return tag.direction is not Direction.PARAMETER and tag.signal not in _HANDSHAKE


def _fits(found: Found, tag: Tag) -> bool:
    return found.type is not None and (found.type is DeviceType.BOOL) == (tag.type is DataType.BOOL)


def _score(name: str, tag: Tag, alone: set[str]) -> int:
    full, signal = plain(tag.name), plain(tag.signal)
    if name == full:
        return EXACT
    if name.endswith(f"_{full}"):
        return TAIL
    return SIGNAL if signal in alone and (name == signal or name.endswith(f"_{signal}")) else 0


def draft(url: str, options: Mapping[str, str], line: str, tags: Sequence[Tag], discovery: Discovery) -> str:
    """The text of a binding file, with remarks where a person has to look."""
    made = matches(discovery.found, tags)
    sure = sum(one.sure for one in made)
    text = [
        f"# Drafted by `linelab devices probe`: {len(made)} tags by their names ({sure} with their station).",
        "# Look at every line; then `linelab devices check` this file.",
        *(f"# {note}" for note in discovery.notes),
        "binding: drafted",
        f"line: {line}",
        "devices:",
        "  device:",
        f"    url: {json.dumps(_without_secrets(url))}",
        *_options(options),
        "stations:" if made else "stations: {}  # no name matched",
    ]
    for station in dict.fromkeys(one.tag.station for one in made):
        text += _station(station, [one for one in made if one.tag.station == station], tags, url)
    return "\n".join([*text, *_left(made, discovery), ""])


def _options(options: Mapping[str, str]) -> list[str]:
    """Passwords do not belong into a draft."""
    rows = [(key, "" if key == "password" else value) for key, value in options.items()]
    return ["    options:", *(f"      {key}: {json.dumps(value)}" for key, value in rows)] if rows else []


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path, parts.query, ""))


def _station(station: str, made: Sequence[Match], tags: Sequence[Tag], url: str) -> list[str]:
    rows = [f"  {station}:", "    device: device", "    source: sim", "    tags:"]
    for one in made:
        remark = "" if one.sure else f"  # the name has no station: {one.found.name}"
        address = json.dumps(one.found.address, ensure_ascii=False)
        rows.append(f"      {one.tag.signal}: {{address: {address}, device_type: {one.found.type}}}{remark}")
        if url.startswith("mqtt") and one.tag.direction is Direction.OUTPUT and "spBv1.0" not in one.found.address:
            rows.append("        # write_address: the topic of its command")
    bound = {one.tag.signal for one in made}
    missing = [tag.signal for tag in tags if tag.station == station and _bindable(tag) and tag.signal not in bound]
    return rows + ([f"      # not found: {', '.join(missing)}"] if missing else [])


def _left(made: Sequence[Match], discovery: Discovery) -> list[str]:
    used = {one.found.address for one in made}
    left = [one for one in discovery.found if one.address not in used and one.type is not None]
    if not left:
        return []
    more = f" and {len(left) - MOST_LEFT} more" if len(left) > MOST_LEFT else ""
    return [
        "# what the device has besides:",
        *(f"#   {json.dumps(one.address, ensure_ascii=False)} {one.type} {one.name}" for one in left[:MOST_LEFT]),
        *([f"#  {more}"] if more else []),
    ]
