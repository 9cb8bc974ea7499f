"""The WebSocket of a browser tab: `{"op": "sub"|"unsub", "ch": ...}` in, frames of the followed channels out.

Close codes: 4401 log in first (or no longer logged in), 4403 not from LineLab's page, 4400 not this protocol.
"""

import asyncio
import json
from typing import cast

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from api.access import EVERYBODY, Caller, Gate, same_origin
from api.lab import LabError
from api.relay import SYSTEM, Relay, Tab, encode
from api.session import Sessions
from devices.endpoint import Role

LOG_IN, NOT_YOURS, NOT_UNDERSTOOD = 4401, 4403, 4400
LONGEST = 1024  # characters of one message of a tab
CHANNELS: dict[str, tuple[Role, ...]] = {
    "line": EVERYBODY,
    "tags": EVERYBODY,
    "wires": EVERYBODY,
    "alarms": EVERYBODY,
    "maintenance": EVERYBODY,
    "faults": (Role.INSTRUCTOR,),
}

router = APIRouter()


class Misunderstood(Exception):
    """A message that is not of this protocol."""


def may_follow(caller: Caller, channel: str) -> str | None:
    """None, or the code of why not."""
    if channel == SYSTEM:
        return None
    kind, _, bench = channel.partition(":")
    roles = CHANNELS.get(kind)
    if roles is None or not bench.isdecimal():
        return "unknown"
    if caller.role not in roles:
        return "role"
    return None if bench == str(caller.grant.bench) else "bench"


@router.websocket("/api/ws")
async def tab(socket: WebSocket) -> None:
    caller = cast(Gate, socket.app.state.gate).caller(socket)
    await socket.accept()
    if caller is None:
        await socket.close(LOG_IN)
        return
    if (caller.session is not None or "origin" in socket.headers) and not same_origin(socket):
        await socket.close(NOT_YOURS)
        return
    relay = cast(Relay, socket.app.state.relay)
    tab = relay.join(caller)
    try:
        code = await _serve(socket, relay, tab)
    finally:
        relay.leave(tab)
    if code is not None and socket.application_state is WebSocketState.CONNECTED:
        await socket.close(code)


async def _serve(socket: WebSocket, relay: Relay, tab: Tab) -> int | None:
    """Until one side ends it. The close code to send, None where the tab is gone."""
    life = _life_s(socket, tab.caller)
    jobs = [
        asyncio.create_task(_listen(socket, relay, tab)),
        asyncio.create_task(_send(socket, relay, tab)),
        asyncio.create_task(tab.closed.wait()),
    ]
    try:
        done, _ = await asyncio.wait(jobs, timeout=life, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for job in jobs:
            job.cancel()
        ended = await asyncio.gather(*jobs, return_exceptions=True)
    for job, result in zip(jobs, ended, strict=True):
        if job in done and isinstance(result, Misunderstood):
            return NOT_UNDERSTOOD
        if job in done and isinstance(result, WebSocketDisconnect):
            return None
        if job in done and isinstance(result, Exception):
            raise result
    return LOG_IN


def _life_s(socket: WebSocket, caller: Caller) -> float | None:
    if caller.session is None:
        return None
    return cast(Sessions, socket.app.state.sessions).left_s(caller.session)


async def _listen(socket: WebSocket, relay: Relay, tab: Tab) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        op, channel = _understood(message.get("text"))
        if op == "unsub":
            relay.unsubscribe(tab, channel)
        elif (why := _subscribe(relay, tab, channel)) is not None:
            await socket.send_text(encode({"ch": channel, "k": "error", "code": why}))


def _subscribe(relay: Relay, tab: Tab, channel: str) -> str | None:
    """None, or the code of why not."""
    why = may_follow(tab.caller, channel)
    if why is not None:
        return why
    try:
        relay.subscribe(tab, channel)
    except LabError as error:  # a token of a bench that does not run today
        return error.code
    return None


def _understood(text: str | None) -> tuple[str, str]:
    if text is None or len(text) > LONGEST:
        raise Misunderstood
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misunderstood from error
    if not isinstance(message, dict) or message.get("op") not in ("sub", "unsub"):
        raise Misunderstood
    channel = message.get("ch")
    if not isinstance(channel, str) or not channel.isascii() or len(channel) > 64:
        raise Misunderstood
    return message["op"], channel


async def _send(socket: WebSocket, relay: Relay, tab: Tab) -> None:
    while True:
        await tab.ready()
        while tab.stale or tab.waiting:
            if tab.stale:
                channel = next(iter(tab.stale))
                del tab.stale[channel]
                text = await relay.snap(tab, channel)
            else:
                frame = tab.next()
                text = None if frame is None else frame.text
            if text is not None:
                await socket.send_text(text)
