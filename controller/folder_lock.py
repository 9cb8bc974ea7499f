"""One lab per data folder: two would write to the same journals. Knows no run.

The system takes the lock back when the process ends, however it ends: nothing stale is left to be cleared away.
"""

import os
import sys
from pathlib import Path

FILE = "lock"


class FolderTaken(Exception):
    """Another lab uses this folder; says which setting changes it."""


class FolderLock:
    """Held from `take` to `release`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = -1

    def take(self) -> None:
        """Raises `FolderTaken` where somebody else holds it, `OSError` where the folder cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = os.open(self._folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(file)
        except OSError as error:
            os.close(file)
            raise FolderTaken(f"{self._folder}: another LineLab uses this folder; --data takes another one") from error
        self._file = file

    def release(self) -> None:
        """May be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
