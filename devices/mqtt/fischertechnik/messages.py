"""JSON in and out for the fischertechnik contract: what a client may ask, read strictly; documents and their bytes.

Sans-I/O; knows no topic and no line. Unknown keys are ignored, as published clients send more than is read here.
"""

import json
from dataclasses import dataclass, field

from devices.mqtt.fischertechnik.factory import COLOURS
from sim.state import JsonValue

PAYLOAD_BYTES = 16384
TEXT = 128  # length of an id
IDS_AT_ONCE = 20
Document = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """`ccu/order/request`, and `f/o/order` of the 9V equipment: one piece of a type, 1 to 3."""

    type: int
    storage: bool = False
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class ModuleOrder:
    """`…/order` of a module: do this. `type` is 0 where the metadata do not say it."""

    order_id: str
    update_id: int
    action_id: str
    command: str
    type: int = 0


@dataclass(frozen=True, slots=True)
class InstantAction:
    """One of the actions of `…/instantAction`."""

    id: str
    type: str
    metadata: Document = field(default_factory=dict)


def encode(document: JsonValue) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def order_request(payload: bytes) -> OrderRequest | None:
    """None: unreadable."""
    document = _object(payload)
    kind = _type(document.get("type"))
    words = document.get("orderType", "PRODUCTION")
    request_id = document.get("requestId")
    if not kind or words not in ("PRODUCTION", "STORAGE") or not (request_id is None or _text(request_id)):
        return None
    return OrderRequest(kind, words == "STORAGE", _text(request_id) or None)


def cancellations(payload: bytes) -> list[str] | None:
    """Ids of orders, at most `IDS_AT_ONCE`."""
    document = _parsed(payload)
    if not isinstance(document, list) or len(document) > IDS_AT_ONCE:
        return None
    ids = [_text(one) for one in document]
    return ids if all(ids) else None


def module_order(payload: bytes) -> ModuleOrder | None:
    document = _object(payload)
    action = document.get("action")
    if not isinstance(action, dict):
        return None
    metadata = action.get("metadata", {})
    words = [_text(document.get("orderId")), _text(action.get("id")), _text(action.get("command"))]
    update = document.get("orderUpdateId")
    if not all(words) or type(update) is not int or not 0 <= update < 2**31 or not isinstance(metadata, dict | None):
        return None
    return ModuleOrder(words[0], update, words[1], words[2], _type((metadata or {}).get("type")))


def instant_actions(payload: bytes) -> list[InstantAction] | None:
    actions = _object(payload).get("actions")
    if not isinstance(actions, list) or not 1 <= len(actions) <= IDS_AT_ONCE:
        return None
    found: list[InstantAction] = []
    for action in actions:
        if not isinstance(action, dict) or not _text(action.get("actionType")):
            return None
        metadata = action.get("metadata")
        found.append(
            InstantAction(
                _text(action.get("actionId")),
                _text(action["actionType"]),
                metadata if isinstance(metadata, dict) else {},
            )
        )
    return found


def nfc_command(payload: bytes) -> str | None:
    """`read` or `delete`."""
    command = _object(payload).get("cmd")
    return command if isinstance(command, str) and command in ("read", "delete") else None


def readable(payload: bytes) -> bool:
    """Whether it is an object, whatever it says."""
    return isinstance(_parsed(payload), dict)


def _object(payload: bytes) -> Document:
    document = _parsed(payload)
    return document if isinstance(document, dict) else {}


def _parsed(payload: bytes) -> JsonValue:
    if len(payload) > PAYLOAD_BYTES:
        return None
    try:
        document: JsonValue = json.loads(payload.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return document


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _text(value: JsonValue) -> str:
    """Empty where it is no text of sensible length."""
    return value if isinstance(value, str) and len(value) <= TEXT else ""


def _type(value: JsonValue) -> int:
    return COLOURS.index(value) + 1 if isinstance(value, str) and value in COLOURS else 0
