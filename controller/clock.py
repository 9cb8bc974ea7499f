"""The one reader of the clock. Everybody else is handed a `devices.endpoint.Clock`."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Wall time of this machine. A time of day that is set back stands still here until it has caught up."""

    def __init__(self) -> None:
        self._latest = datetime.now(UTC)

    def monotonic(self) -> float:
        return time.perf_counter()

    def utc(self) -> datetime:
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest
