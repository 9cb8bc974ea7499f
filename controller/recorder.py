"""The record of one run: a folder with the journal, the traffic, the latest checkpoint and some of those before it.

`<data>/bench-<n>/<UTC time>-<line>/`. A journal record is with the operating system when `append` returns: it survives
the end of this process. Knows no line; what the records mean is in `sim/journal.py`.
"""

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from sim.state import JsonValue

JOURNAL, TRAFFIC, CHECKPOINT = "journal.jsonl", "traffic.jsonl", "checkpoint.json"
SERIES = "checkpoints"  # folder of those before, by their simulated time in ns
MOST_KEPT = 96  # files in it: an hour and a half of every minute, then thinner the longer ago
MINUTE_NS = 60_000_000_000
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class RecordError(Exception):
    """The run cannot be recorded: the disk is full or the folder not writable. The line must not go on."""


class AppendFile:
    """A file that only grows, line by line, unbuffered. A line is in it whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, _APPEND, 0o600)
        except OSError as error:
            raise RecordError(f"{path}: {error.strerror}") from error
        self.size = os.fstat(self._file).st_size

    def append(self, line: str) -> None:
        data = line.encode() + b"\n"
        try:
            if os.write(self._file, data) != len(data):
                raise OSError(0, "the disk is full")
        except OSError as error:
            self._take_back()
            raise RecordError(f"{self.path}: {error.strerror}") from error
        self.size += len(data)

    def _take_back(self) -> None:
        """Half a record is no record."""
        try:
            os.ftruncate(self._file, self.size)
        except OSError:
            return  # a reader stops at a truncated record anyway

    def sync(self) -> None:
        os.fsync(self._file)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Recorder:
    """The open files of one run. Every method that writes raises `RecordError` when it cannot."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._fresh = not (folder / JOURNAL).exists()
        self._journal = AppendFile(folder / JOURNAL)
        self._traffic = AppendFile(folder / TRAFFIC)
        self._keeping = threading.Lock()
        self._kept = -1  # offset of the newest checkpoint

    @property
    def offset(self) -> int:
        """Bytes of the journal so far."""
        return self._journal.size

    def journal(self, record: str) -> None:
        self._journal.append(record)

    def traffic(self, records: Sequence[dict[str, JsonValue]]) -> None:
        if records:
            self._traffic.append("\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in records))

    def keep(self, offset: int, state: dict[str, JsonValue]) -> None:
        """Replace the checkpoint: `state` is the line after the first `offset` bytes of the journal. Slow.

        For worker threads: one at a time, and one that comes late does not replace a newer one.
        """
        with self._keeping:
            if offset > self._kept:
                self._replace(checkpoint_text(offset, state))
                self._keep_in_series(state)
                self._kept = offset

    def _replace(self, checkpoint: str) -> None:
        fresh = self.folder / (CHECKPOINT + ".new")
        try:
            self._journal.sync()
            with fresh.open("w", encoding="utf-8") as out:
                out.write(checkpoint)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self.folder / CHECKPOINT)
        except OSError as error:
            raise RecordError(f"{fresh}: {error.strerror}") from error

    def _keep_in_series(self, state: dict[str, JsonValue]) -> None:
        """One more to look back from. It only saves time: where it cannot be kept, the run goes on without."""
        folder = self.folder / SERIES
        with suppress(OSError):
            folder.mkdir(exist_ok=True, mode=0o700)
            kept = folder / f"{state['now_ns']:020}.json"
            kept.unlink(missing_ok=True)
            os.link(self.folder / CHECKPOINT, kept)  # it is replaced whole, so this one stays as it is
            times = sorted(int(path.stem) for path in folder.glob("*.json"))
            if len(times) > MOST_KEPT:
                (folder / f"{least_missed(times):020}.json").unlink()

    def close(self) -> None:
        self._journal.close()
        self._traffic.close()

    def abandon(self) -> None:
        """The run never began: a new record is taken away, an older one stays as it is."""
        self.close()
        if self._fresh:  # whoever else keeps a file of the run has put it into this folder
            shutil.rmtree(self.folder, ignore_errors=True)  # what stays must not hide why the run did not begin


def new_folder(data: Path, bench: int, line: str, utc: datetime) -> Path:
    """A fresh folder for a run. Its names sort by time and are good file names everywhere."""
    parent = data / f"bench-{bench}"
    name = f"{utc:%Y%m%dT%H%M%SZ}-{line}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for n in range(1, 100):
            folder = parent / (name if n == 1 else f"{name}-{n:02}")
            if not folder.exists():
                folder.mkdir(mode=0o700)
                return folder
    except OSError as error:
        raise RecordError(f"{parent}: {error.strerror}") from error
    raise RecordError(f"{parent}: too many runs in one second")


def latest_folder(data: Path, bench: int, line: str) -> Path | None:
    """The last run of this line on a bench, None where there is none."""
    named = re.compile(rf"\d{{8}}T\d{{6}}Z-{re.escape(line)}(-\d\d)?")
    runs = [path.parent for path in (data / f"bench-{bench}").glob(f"*/{JOURNAL}")]
    begun = (run for run in runs if named.fullmatch(run.name) and (run / JOURNAL).stat().st_size)
    return max(begun, key=lambda run: run.name, default=None)


def checkpoint_text(offset: int, state: dict[str, JsonValue]) -> str:
    text = json.dumps(state, separators=(",", ":"))
    return f'{{"format":1,"offset":{offset},"sum":"{_sum(text)}","state":{text}}}'


def least_missed(times: Sequence[int]) -> int:
    """Which of these, in order, leaves the smallest gap for its age when it is gone; first and last stay."""
    newest = times[-1]
    gaps = ((times[n + 1] - times[n - 1]) / (newest - times[n] + MINUTE_NS) for n in range(1, len(times) - 1))
    return times[1 + min(enumerate(gaps), key=lambda gap: gap[1])[0]]


def checkpoints_until(folder: Path, t_ns: int) -> Iterator[tuple[int, dict[str, JsonValue]]]:
    """Offset and state of each good checkpoint of a run up to this simulated time, the latest first."""
    times = [int(path.stem) for path in (folder / SERIES).glob("*.json") if path.stem.isdecimal()]
    for time in sorted((time for time in times if time <= t_ns), reverse=True):
        kept = read_checkpoint(folder / SERIES / f"{time:020}.json")
        if kept is not None:
            yield kept


def read_checkpoint(path: Path) -> tuple[int, dict[str, JsonValue]] | None:
    """Offset and state in the file of a checkpoint, None where it is missing or damaged."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        offset, state = kept["offset"], kept["state"]
        good = kept["format"] == 1 and kept["sum"] == _sum(json.dumps(state, separators=(",", ":")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (offset, state) if good and isinstance(offset, int) and isinstance(state, dict) else None


def _sum(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
