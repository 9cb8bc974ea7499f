"""Continuation points of HistoryRead: where a reader went on to, by the name that he asks on with. One per session."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from asyncua import ua

MAX_POINTS = 50


@dataclass(frozen=True, slots=True)
class Cursor:
    """The rest of one read: of which node, and from which place (a time in microseconds, a number, an interval)."""

    node: ua.NodeId
    place: int


class Cursors:
    """The open reads of one session; the oldest make room, for a client that forgets to release them."""

    def __init__(self) -> None:
        self._open: OrderedDict[bytes, Cursor] = OrderedDict()

    def keep(self, cursor: Cursor) -> bytes:
        name = secrets.token_bytes(8)
        self._open[name] = cursor
        while len(self._open) > MAX_POINTS:
            self._open.popitem(last=False)
        return name

    def take(self, name: bytes, node: ua.NodeId) -> Cursor | None:
        """The rest of that read; None for a name of another node or one that is gone."""
        cursor = self._open.get(name)
        if cursor is None or cursor.node != node:
            return None
        return self._open.pop(name)

    def release(self, name: bytes) -> bool:
        return self._open.pop(name, None) is not None
