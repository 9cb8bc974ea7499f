"""The journal: everything that a line heard, as JSON lines, and its replay. Text in, text out; no file is opened here.

The header embeds the whole definition and the seed, so that a journal is enough to compute the run again. Records:
`in` (an input with its simulated time), `clock` (what people did to the pace, outside the physics), `digest` (what the
running digest of the events was), `end`. Events are not stored: replay computes them again. A run that begins with a
state (an initial condition, a snapshot, a branch) has the checkpoint of that state in its header.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import cast

from sim.definition import LineDefinition
from sim.inputs import Input
from sim.kernel import LineError
from sim.line import MODEL, Line
from sim.state import JsonValue, dump, load

FORMAT = 1
PACKAGES = ("linelab", "simpy", "numpy")


class JournalError(Exception):
    """A journal that cannot be read or replayed. Says where and why, for a person."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first record."""

    definition: LineDefinition
    seed: int
    model: str
    versions: dict[str, str]
    created: str
    start: dict[str, JsonValue] | None = None  # a checkpoint; None: the line begins at its birth
    origin: dict[str, JsonValue] | None = None  # for people: where that state comes from, and the branch it begins

    @property
    def start_ns(self) -> int:
        """Simulated time at which the run begins."""
        found = None if self.start is None else self.start.get("now_ns")
        return found if isinstance(found, int) else 0

    def line(self) -> Line:
        """The line as the run begins. Raises JournalError where the model is another one."""
        if self.model != MODEL:
            made = self.versions.get("linelab", "unknown")
            raise JournalError(
                f"recorded with line model {self.model} (LineLab {made}), this is model {MODEL}: "
                "replay it with that version of LineLab"
            )
        try:
            if self.start is not None:
                return Line.restore(self.definition, self.start)
            return Line(self.definition, self.seed)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, StopIteration, LineError) as error:
            raise JournalError(f"line 1: the definition makes no line: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Record:
    """Any later record. `kind` is in, clock, digest or end; `t_ns` the simulated time at which it was written."""

    kind: str
    t_ns: int
    given: Input | None = None
    by: str = ""
    events: int = 0
    digest: str = ""
    data: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as read. `truncated`: the last record was not whole and is not in `records`."""

    header: Header
    records: list[Record]
    truncated: bool = False

    @property
    def inputs(self) -> list[Record]:
        return [record for record in self.records if record.kind == "in"]

    @property
    def end_ns(self) -> int:
        """Simulated time of the last record."""
        return self.records[-1].t_ns if self.records else 0


# ---- writing ---------------------------------------------------------------------------------------------------


def header(
    definition: LineDefinition,
    seed: int,
    created: str,
    start: dict[str, JsonValue] | None = None,
    origin: dict[str, JsonValue] | None = None,
) -> str:
    """The first line of a journal; `created` is a time of day in UTC, for people."""
    record: dict[str, JsonValue] = {
        "k": "header", "format": FORMAT, "model": MODEL, "versions": cast(JsonValue, _versions()),
        "created": created, "seed": seed, "definition": dump(definition),
    }  # fmt: skip
    if start is not None:
        record["start"] = start
    if origin is not None:
        record["origin"] = origin
    return _json(record)


def input_record(t_ns: int, given: Input, by: str) -> str:
    """An input that is applied at `t_ns`; `by` says whose it is and is no part of the physics."""
    return _json({"k": "in", "t": t_ns, "op": given.op, "a": given.args, "by": by})


def clock_record(t_ns: int, utc: str, rate: float, by: str, why: str) -> str:
    """The pace changed: start, freeze, speed, slip, resume ..."""
    return _json({"k": "clock", "t": t_ns, "utc": utc, "rate": rate, "by": by, "why": why})


def digest_record(t_ns: int, events: int, digest: str) -> str:
    """The digest when all that is due up to `t_ns` and every input above in the file have happened."""
    return _json({"k": "digest", "t": t_ns, "n": events, "d": digest})


def end_record(t_ns: int, utc: str) -> str:
    """The run ended in order."""
    return _json({"k": "end", "t": t_ns, "utc": utc})


def _json(record: dict[str, JsonValue]) -> str:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


# ---- reading ---------------------------------------------------------------------------------------------------


def read(lines: Iterable[str]) -> Journal:
    """Read a journal up to its last whole record. Raises JournalError for anything but a cut-off end."""
    numbered = _whole(lines)
    first = next(numbered, None)
    if first is None:
        raise JournalError("line 1: the journal is empty")
    head = _header(first[1])
    records: list[Record] = []
    truncated = False
    for number, data in numbered:
        if data is None:
            truncated = True
            break
        records.append(_record(number, data))
        if records[-1].t_ns < (records[-2].t_ns if len(records) > 1 else 0):
            raise JournalError(f"line {number}: time goes back to {records[-1].t_ns} ns")
    return Journal(head, records, truncated)


def _whole(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, JsonValue] | None]]:
    """Each record with its line number; None for a last line that was cut off."""
    broken = 0
    for number, text in enumerate(lines, 1):
        if broken:
            raise JournalError(f"line {broken}: not a record")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            broken = number
            continue
        if not isinstance(data, dict) or not text.endswith("\n"):
            broken = number
            continue
        yield number, data
    if broken:
        yield broken, None


def _header(data: dict[str, JsonValue] | None) -> Header:
    if data is None or data.get("k") != "header":
        raise JournalError("line 1: not the header of a LineLab journal")
    if data.get("format") != FORMAT:
        raise JournalError(f"line 1: journal format {data.get('format')}, this LineLab reads format {FORMAT}")
    try:
        versions = load(cast(type[dict[str, str]], dict[str, str]), data["versions"])
        definition = load(LineDefinition, data["definition"])
        seed, model, created = load(int, data["seed"]), str(data["model"]), str(data["created"])
        start, origin = (_object(data.get(key)) for key in ("start", "origin"))
        return Header(definition, seed, model, versions, created, start, origin)
    except (KeyError, ValueError) as error:
        raise JournalError(f"line 1: the header is damaged: {error}") from error


def _object(value: JsonValue) -> dict[str, JsonValue] | None:
    if isinstance(value, dict | None):
        return value
    raise ValueError(f"{value!r} is not an object")


def _record(number: int, data: dict[str, JsonValue]) -> Record:
    try:
        kind, t_ns = str(data["k"]), load(int, data["t"])
        if kind == "in":
            args = load(cast(type[dict[str, JsonValue]], dict), data["a"])
            return Record(kind, t_ns, given=Input(load(str, data["op"]), args), by=str(data.get("by", "")))
        if kind == "digest":
            return Record(kind, t_ns, events=load(int, data["n"]), digest=str(data["d"]))
    except (KeyError, ValueError) as error:
        raise JournalError(f"line {number}: a damaged record: {error}") from error
    if kind not in ("clock", "end"):
        raise JournalError(f"line {number}: a record of unknown kind {kind!r}")
    return Record(kind, t_ns, data=data)


# ---- replay ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay found. `agrees` is None where the journal holds no digest to compare with."""

    agrees: bool | None
    t_ns: int
    inputs: int
    events: int
    digest: str
    compared: int  # digests in the journal that were compared
    first_wrong_ns: int | None = None


def replay(journal: Journal, progress: Callable[[int], None] | None = None) -> ReplayResult:
    """Compute the run again, headless, and compare every digest in the journal. Raises JournalError."""
    line, compared, wrong = journal.header.line(), 0, None
    for record in journal.records:
        step(line, record)
        if record.kind == "digest":
            compared += 1
            if wrong is None and (line.events, line.digest) != (record.events, record.digest):
                wrong = record.t_ns
        if progress is not None:
            progress(line.now_ns)
    agrees = None if not compared else wrong is None
    return ReplayResult(agrees, line.now_ns, line.inputs, line.events, line.digest, compared, wrong)


def step(line: Line, record: Record) -> None:
    """Bring a line past one record of its journal. Raises JournalError for an input that the line refuses."""
    line.advance(record.t_ns)
    if record.given is None:
        return
    try:
        line.apply(record.given)
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # whatever stands in a damaged file
        raise JournalError(f"at {record.t_ns} ns: input {record.given.op!r} is damaged or refused: {error}") from error
    line.advance(record.t_ns)
