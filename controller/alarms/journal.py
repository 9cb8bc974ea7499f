"""The alarm journal of a run: every transition as a row, the newest `MOST` in memory, all of a run in a file.

The file is `alarms.jsonl` in the folder of the run. It is derived from the run, so a disk that is full ends the file
and not the run. Rows of a time that a resumed line has not reached yet are dropped: they will happen again.
"""

import json
import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from controller.recorder import AppendFile, RecordError

logger = logging.getLogger(__name__)
FILE = "alarms.jsonl"
MOST = 20_000  # rows; a row is about 250 bytes
MOST_BYTES = 32 * 2**20  # of the file


@dataclass(frozen=True, slots=True)
class Row:
    """One transition. Times are UTC text and simulated seconds."""

    id: int
    ts: str
    sim_ns: int
    alarm: str
    what: str
    state: str  # after it, see `sim.alarms.state.Isa`
    level: str
    severity: int
    priority: str
    value: bool | int | float
    who: str
    comment: str

    @property
    def annunciated(self) -> bool:
        """Somebody was told that it came: an activation that is not hidden from people."""
        return self.what in ("active", "level", "unshelved", "unsuppressed", "in_service") and (
            self.state == "unacknowledged" or (self.what == "active" and self.state == "acknowledged")
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter: what is empty lets everything through."""

    station: str = ""
    alarm: str = ""
    what: str = ""
    priority: str = ""
    least_severity: int = 0
    after: int = 0  # id: rows older than this one
    since: str = ""  # UTC text
    until: str = ""

    def takes(self, row: Row) -> bool:
        return (
            (not self.station or row.alarm.startswith(f"{self.station}."))
            and (not self.alarm or row.alarm == self.alarm)
            and (not self.what or row.what == self.what)
            and (not self.priority or row.priority == self.priority)
            and row.severity >= self.least_severity
            and (not self.after or row.id < self.after)
            and (not self.since or row.ts >= self.since)
            and (not self.until or row.ts < self.until)
        )


class AlarmJournal:
    """The rows of one run. `folder` None: nothing is written."""

    def __init__(self, folder: Path | None, now_ns: int) -> None:
        self._rows: deque[Row] = deque(maxlen=MOST)
        self._file: AppendFile | None = None
        self.last_id = 0
        if folder is not None:
            self._open(folder / FILE, now_ns)

    def _open(self, path: Path, now_ns: int) -> None:
        dropped = False
        try:
            for line in path.read_text("utf-8").splitlines() if path.exists() else ():
                row = _row(line)
                if row is None or row.sim_ns > now_ns:
                    dropped = True
                    continue
                self._rows.append(row)
            if dropped:
                path.write_text("".join(_text(row) + "\n" for row in self._rows), "utf-8")
            self._file = AppendFile(path)
        except (OSError, RecordError) as error:
            logger.warning("%s: alarms are not kept: %s", path, error)
        self.last_id = self._rows[-1].id if self._rows else 0

    def add(self, row: Row) -> None:
        self._rows.append(row)
        self.last_id = row.id
        if self._file is None:
            return
        try:
            self._file.append(_text(row))
            if self._file.size > MOST_BYTES:
                raise RecordError("it is full")
        except RecordError as error:
            logger.warning("the alarm journal ends: %s", error)
            self.close()

    def rows(self, wanted: Wanted | None = None) -> Iterator[Row]:
        """The newest first."""
        return (row for row in reversed(self._rows) if wanted is None or wanted.takes(row))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _text(row: Row) -> str:
    return json.dumps(asdict(row), ensure_ascii=False, separators=(",", ":"))


def _row(text: str) -> Row | None:
    """None for a row that was cut off."""
    try:
        return Row(**json.loads(text))
    except (ValueError, TypeError):
        return None
