"""A line from a checkpoint and the records that stand behind it: shared by resuming a run and by looking back into one.

For worker processes: reading and computing take as long as they take. Changes no file.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from controller.recorder import JOURNAL
from sim import journal
from sim.journal import Journal, JournalError, Record, step
from sim.line import Line
from sim.state import JsonValue

LONGEST_DIGEST = 4096  # bytes of a `digest` record, with a good margin
BLOCK = 65536  # bytes at the end of a journal that are looked at first
_TIME = re.compile(rb'\{"k":"\w+","t":(\d+)')  # how every record but the header begins


def read(path: Path, start: int = 0, until_ns: int | None = None) -> Journal:
    """The header, and the records from this byte on, up to this simulated time."""
    with path.open("rb") as file:
        first = file.readline()
        file.seek(max(start, len(first)))
        records = file if until_ns is None else _until(file, until_ns)
        return journal.read(line.decode("utf-8", "replace") for line in chain([first], records))


def _until(lines: Iterable[bytes], until_ns: int) -> Iterator[bytes]:
    for line in lines:
        found = _TIME.match(line)
        if found is not None and int(found[1]) > until_ns:
            return
        yield line


def last_ns(path: Path) -> int:
    """The simulated time of the last record, 0 where there is none. Reads the end of the file alone. `OSError`."""
    with path.open("rb") as file:
        size, end = BLOCK, file.seek(0, os.SEEK_END)
        while True:
            begin = file.seek(max(0, end - size))
            times = [int(found[1]) for line in file.read(end - begin).splitlines() if (found := _TIME.match(line))]
            if times or begin == 0:
                return max(times, default=0)
            size *= 8


def from_checkpoint(
    folder: Path, kept: tuple[int, dict[str, JsonValue]], until_ns: int | None = None
) -> tuple[Line, Journal] | None:
    """The line from a checkpoint and the tail of the journal, None where the two do not give it.

    What stands before the checkpoint is not even read: a run of weeks goes on as fast as one of an hour.
    """
    path, (offset, state) = folder / JOURNAL, kept
    start = record_before(path, offset)
    if start is None:
        return None
    try:
        tail = read(path, start, until_ns)
        line = Line.restore(tail.header.definition, state)
    except (ValueError, JournalError):  # the whole journal will say what is wrong with it, and in which line
        return None
    if not tail.records or not agrees(line, tail.records[0]):
        return None
    return (line, tail) if play(line, tail.records[1:]) else None


def record_before(path: Path, offset: int) -> int | None:
    """Where the record begins that ends at this byte, None where none does that could be a digest."""
    with path.open("rb") as file:
        begin = file.seek(max(0, offset - LONGEST_DIGEST))
        block = file.read(offset - begin)
    if len(block) != offset - begin or not block.endswith(b"\n"):
        return None
    return begin + block.rfind(b"\n", 0, -1) + 1 if b"\n" in block[:-1] else None


def from_header(path: Path, until_ns: int | None = None) -> tuple[Line, Journal]:
    """The line from the very start of the run. Raises `JournalError`."""
    whole = read(path, until_ns=until_ns)
    line = whole.header.line()
    if not play(line, whole.records):
        raise JournalError("computed again it does not agree with its own digest")
    return line, whole


def play(line: Line, records: Sequence[Record]) -> bool:
    """Bring a line past these records. False: it is not the line that wrote them."""
    for record in records:
        step(line, record)
        if record.kind == "digest" and not agrees(line, record):
            return False
    return True


def agrees(line: Line, record: Record) -> bool:
    return (record.kind, record.events, record.digest) == ("digest", line.events, line.digest)
