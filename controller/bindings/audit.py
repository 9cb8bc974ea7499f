"""The audit log of a run, `audit.jsonl`: who moved a real output, when, what, and what the device said."""

import json
import logging
from collections import deque
from pathlib import Path

from controller.recorder import AppendFile, RecordError
from controller.run import stamp
from devices.endpoint import Clock
from sim.state import JsonValue

logger = logging.getLogger(__name__)
AUDIT = "audit.jsonl"
KEPT = 200


class Audit:
    """Opened with the first entry, so that runs without a device have none."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._file: AppendFile | None = None
        self._folder: Path | None = None
        self.latest: deque[dict[str, JsonValue]] = deque(maxlen=KEPT)

    def attach(self, folder: Path) -> None:
        """The run of this folder from now on."""
        self.close()
        self._folder = folder

    def note(self, t_ns: int, by: str, what: str, station: str, **more: JsonValue) -> None:
        """Raises `RecordError`: nothing moves that cannot be written down."""
        entry: dict[str, JsonValue] = {
            "utc": stamp(self._clock.utc()), "t": t_ns, "by": by, "what": what, "station": station, **more,
        }  # fmt: skip
        if self._file is None:
            if self._folder is None:
                raise RecordError("the audit log has no run")
            self._file = AppendFile(self._folder / AUDIT)
        self._file.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
        self.latest.append(entry)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
