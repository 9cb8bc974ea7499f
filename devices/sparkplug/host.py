"""Whether the primary host application is online, as its STATE messages say. Sans-I/O; knows no topic."""

import json


class PrimaryHost:
    """Offline until a STATE message says otherwise; one that is older than the last is ignored (5.4, 5.12)."""

    def __init__(self) -> None:
        self.online = False
        self._latest_ms = 0

    def forget(self) -> None:
        """A new connection: the broker says again what it knows."""
        self.online, self._latest_ms = False, 0

    def hear(self, payload: bytes) -> bool:
        """Take a STATE message; False where it is not one, or an old one."""
        state = parse_state(payload)
        if state is None or state[1] < self._latest_ms:
            return False
        self.online, self._latest_ms = state
        return True


def parse_state(payload: bytes) -> tuple[bool, int] | None:
    """`{"online": true, "timestamp": <ms>}`; None: not that."""
    try:
        document = json.loads(payload.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    online, at_ms = document.get("online"), document.get("timestamp")
    if not isinstance(online, bool) or isinstance(at_ms, bool) or not isinstance(at_ms, int) or at_ms < 0:
        return None
    return online, at_ms
