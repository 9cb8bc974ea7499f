"""State payloads after somebody changed their schema: what a reader of the old one trips over. Sans-I/O."""

import json
from collections.abc import Callable
from datetime import datetime

RENAMED = {"value": "val", "quality": "q", "ts": "timestamp", "unit": "uom", "reason": "why"}


def _renamed(payload: bytes) -> bytes:
    """Other names, and the time as milliseconds since 1970."""
    state = json.loads(payload)
    renamed = {RENAMED[key]: value for key, value in state.items()}
    renamed["timestamp"] = round(datetime.fromisoformat(state["ts"]).timestamp() * 1000)
    return _packed(renamed)


def _nested(payload: bytes) -> bytes:
    """One level deeper."""
    state = json.loads(payload)
    return _packed({"data": {"value": state.pop("value")}, "meta": state})


def _text(payload: bytes) -> bytes:
    """Every value a text, with its unit."""
    state = json.loads(payload)
    value, unit = state["value"], state.pop("unit")
    shown = json.dumps(value) if isinstance(value, bool) or value is None else f"{value} {unit}".strip()
    return _packed({**state, "value": shown})


def _packed(document: dict[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


FORMS: dict[str, Callable[[bytes], bytes]] = {"renamed": _renamed, "nested": _nested, "text": _text}
