"""YAML files as plain data that remembers its lines. Knows no line, fault or exercise.

YAML 1.2: `yes`, `on` and `1:30` are texts. Duplicate keys, tags, merge keys and floats that are no numbers are errors.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from scenarios.file_error import Field, FileError, FileErrors, field_name

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

_LARGEST = 300_000  # characters of a file
_MOST_NODES = 100_000  # aliases can make a small file large
_TAG = "tag:yaml.org,2002:"
_TEXTS = (f"{_TAG}str", f"{_TAG}timestamp")


@dataclass(slots=True)
class Source:
    """One file: its data, the line of every field, and the mistakes found so far."""

    path: Path
    data: Plain = None
    lines: dict[Field, int] = field(default_factory=dict)
    errors: list[FileError] = field(default_factory=list)
    broken: set[Field] = field(default_factory=set)  # of which, and of what is inside, nothing more is to be said

    def line(self, at: Field) -> int:
        """The line of a field; of the nearest field around it where it is not in the file."""
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def add(self, at: Field, message: str) -> None:
        if not any(at[:length] in self.broken for length in range(1, len(at) + 1)):
            self.errors.append(FileError(self.path, self.line(at), field_name(at), message))

    def give_up(self, at: Field) -> None:
        """Nothing more about this field: one mistake, one message."""
        self.broken.add(at)

    def check(self) -> None:
        """Raise what was found."""
        if self.errors:
            raise FileErrors(self.errors)


def read(path: Path) -> Source:
    """Raises FileErrors where the file cannot be read or is no YAML."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise FileErrors([FileError(path, 0, "", f"cannot be read: {error.strerror or error}")]) from error
    except UnicodeDecodeError as error:
        raise FileErrors([FileError(path, 0, "", f"is not UTF-8: byte {error.start}")]) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Source:
    """Like `read`, of a text; `path` is what errors say."""
    source = Source(path)
    if len(text) > _LARGEST:
        raise FileErrors([FileError(path, 0, "", f"is longer than {_LARGEST} characters")])
    node = _compose(text, path)
    if node is None:
        raise FileErrors([FileError(path, 1, "", "is empty")])
    try:
        source.data = _Reader(source).plain(node, ())
    except RecursionError as error:
        raise FileErrors([FileError(path, 1, "", "is nested too deeply, or contains itself")]) from error
    return source


def _compose(text: str, path: Path) -> Node | None:
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise FileErrors([FileError(path, _line_of(error), "", _words(error))]) from error
    except ReaderError as error:
        line = text.count("\n", 0, max(error.position, 0)) + 1
        raise FileErrors([FileError(path, line, "", f"is not YAML: {error.reason}")]) from error
    except RecursionError as error:
        raise FileErrors([FileError(path, 1, "", "is nested too deeply")]) from error
    except (YAMLError, ValueError, OverflowError) as error:
        raise FileErrors([FileError(path, 1, "", f"is not YAML: {_one_line(str(error))}")]) from error
    return node


def _line_of(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark is not None else 1


def _words(error: MarkedYAMLError) -> str:
    context = f" ({_one_line(error.context)})" if error.context else ""
    return f"is not YAML: {_one_line(error.problem or 'broken')}{context}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


class _Reader:
    """Turns nodes into plain data and notes lines and mistakes on the way."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._nodes = 0

    def plain(self, node: Node, at: Field) -> Plain:
        self._source.lines.setdefault(at, node.start_mark.line + 1)
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise FileErrors([FileError(self._source.path, self._source.line(at), "", "is too large")])
        if isinstance(node, MappingNode):
            return self._mapping(node, at)
        if isinstance(node, SequenceNode):
            return [self.plain(item, (*at, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, at)

    def _mapping(self, node: MappingNode, at: Field) -> Plain:
        found: dict[str, Plain] = {}
        for key, value in node.value:
            name = self._key(key, at)
            if name is None:
                continue
            inner = (*at, name)
            line = key.start_mark.line + 1
            if name in found:
                first = self._source.lines[inner]
                self._error(line, inner, f"is there twice, first in line {first}")
                continue
            self._source.lines[inner] = line
            found[name] = self.plain(value, inner)
        return found

    def _key(self, key: Node, at: Field) -> str | None:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode) or key.tag not in (*_TEXTS, f"{_TAG}int", f"{_TAG}merge"):
            self._error(line, at, "a key must be a text or a whole number")
            return None
        if key.tag == f"{_TAG}merge":
            self._error(line, at, "merge keys (<<) are not part of this format")
            return None
        return str(key.value)

    def _scalar(self, node: Node, at: Field) -> Plain:
        text = str(node.value)
        if node.tag in _TEXTS:
            return text
        if node.tag == f"{_TAG}null":
            return None
        if node.tag == f"{_TAG}bool":
            return text.lower() == "true"
        number = _number(str(node.tag), text)
        if number is None:
            self._error(self._source.line(at), at, f"{text[:40]!r} is neither a text nor a number")
            self._source.give_up(at)
        return number

    def _error(self, line: int, at: Field, message: str) -> None:
        self._source.errors.append(FileError(self._source.path, line, field_name(at), message))


def _number(tag: str, text: str) -> int | float | None:
    digits = text.replace("_", "")
    if len(digits) > 40:
        return None
    try:
        if tag == f"{_TAG}int":
            return int(digits, 0) if digits.lower().lstrip("+-")[:2] in ("0x", "0o", "0b") else int(digits)
        if tag == f"{_TAG}float":
            value = float(digits)
            return value if math.isfinite(value) else None
    except ValueError:
        return None
    return None
