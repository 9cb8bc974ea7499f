"""The record of one run: a folder with the journal, the traffic and the latest checkpoint.

`<data>/bench-<n>/<UTC time>-<line>/`. A journal record is with the operating system when `append` returns: it survives
the end of this process. Knows no line; what the records mean is in `sim/journal.py`.
"""

import json
import os
import re
import shutil
import threading
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from sim.state import JsonValue

JOURNAL, TRAFFIC, CHECKPOINT = "journal.jsonl", "traffic.jsonl", "checkpoint.json"
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


def read_checkpoint(folder: Path) -> tuple[int, dict[str, JsonValue]] | None:
    """Offset and state of the checkpoint of a run, None where it is missing or damaged."""
    try:
        kept = json.loads((folder / CHECKPOINT).read_text("utf-8"))
        offset, state = kept["offset"], kept["state"]
        good = kept["format"] == 1 and kept["sum"] == _sum(json.dumps(state, separators=(",", ":")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return (offset, state) if good and isinstance(offset, int) and isinstance(state, dict) else None


def _sum(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
