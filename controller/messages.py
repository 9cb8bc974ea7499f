"""The words of the channel between a host and the api process. Sans-I/O: text in, text out.

One WebSocket on loopback. The host takes only a connection that shows the secret; then both say hello with the version
of the protocol. After that the client asks, the host answers by `id`, and pushes frames of subscribed channels:

    -> {"id": 7, "op": "panel", "bench": 1, "by": "127.0.0.1", "role": "trainee", "params": {...}}
    <- {"id": 7, "ok": true, "result": ...}      or {"id": 7, "ok": false, "code": "not_owner", "params": {}}
    -> {"id": 8, "op": "subscribe", "params": {"ch": "line:1"}}
    <- {"ch": "line:1", "k": "snap", "seq": 7, ...}     then {"ch": "line:1", "k": "ev", "seq": 8, ...}

`seq` counts the `ev` frames of a channel; a `snap` has the number of the last `ev` that it contains.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.endpoint import Role
from sim.state import JsonValue

PROTOCOL = "linelab-channel"
VERSION = 1
LARGEST = 16 * 2**20  # bytes of one message

Frame = dict[str, JsonValue]


class LabError(Exception):
    """The host answered no: a code that a page can translate, and what goes into the translation."""

    def __init__(self, code: str, params: Mapping[str, JsonValue] | None = None) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = dict(params or {})


class LabLost(LabError):
    """No host answers at present: it is starting, or it is gone."""

    def __init__(self) -> None:
        super().__init__("lab")


class ChannelError(ValueError):
    """The other side does not speak this protocol."""


@dataclass(frozen=True, slots=True)
class HostAddress:
    """Where a host answers, what it must be shown, and the benches that it runs."""

    url: str
    secret: str
    benches: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `by` is what a person would call the one who asks; it goes into the journal."""

    id: int
    op: str
    bench: int | None = None
    by: str = ""
    role: Role = Role.OBSERVER
    params: Frame = field(default_factory=dict)


def encode(message: Mapping[str, JsonValue]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def decode(text: str | bytes) -> Frame:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ChannelError("not JSON") from error
    if not isinstance(message, dict):
        raise ChannelError("not a JSON object")
    return message


def hello(benches: tuple[int, ...] = ()) -> str:
    return encode({"hello": PROTOCOL, "version": VERSION, "benches": list(benches)})


def check_hello(text: str | bytes) -> None:
    """Raises `ChannelError` unless the other side speaks this protocol in this version."""
    said = decode(text)
    if said.get("hello") != PROTOCOL or said.get("version") != VERSION:
        raise ChannelError(f"expected {PROTOCOL} version {VERSION}, got {said.get('hello')} {said.get('version')}")


def ask(request: Request) -> str:
    return encode(
        {
            "id": request.id,
            "op": request.op,
            "bench": request.bench,
            "by": request.by,
            "role": request.role.value,
            "params": request.params,
        }
    )


def asked(text: str | bytes) -> Request:
    """The question in a message of the client."""
    message = decode(text)
    id, op, bench, params = (message.get(key) for key in ("id", "op", "bench", "params"))
    if not isinstance(id, int) or not isinstance(op, str) or not isinstance(bench, int | None):
        raise ChannelError("a question needs id and op")
    if not isinstance(params, dict | None):
        raise ChannelError("params is not an object")
    try:
        role = Role(str(message.get("role", Role.OBSERVER)))
    except ValueError as error:
        raise ChannelError("no such role") from error
    return Request(id, op, bench, str(message.get("by", "")), role, params or {})


def yes(id: int, result: JsonValue) -> str:
    return encode({"id": id, "ok": True, "result": result})


def no(id: int, error: LabError) -> str:
    return encode({"id": id, "ok": False, "code": error.code, "params": error.params})


def bench_of(channel: str) -> int | None:
    """The bench in the name of a channel: 12 for `line:12`, None for `sys`."""
    _, _, number = channel.partition(":")
    return int(number) if number.isascii() and number.isdigit() else None
