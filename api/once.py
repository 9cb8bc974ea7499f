"""A command that is sent twice happens once: answers are remembered by their `Idempotency-Key`.

A page that lost its connection sends the same key again and gets the first answer. Kept per caller, in memory.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.access import Gate
from api.lab import LabError
from api.problem import Problem, of_lab

KEEP = 256  # answers of one caller
CALLERS = 1024
HEADER = "idempotency-key"
KEY_LENGTH = 128
REMEMBERED = frozenset({200, 201, 204, 409})  # the lab has decided; other answers may come out differently next time

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to one key."""

    question: str
    response: Response


@dataclass(slots=True)
class Memory:
    """The answers that one caller got, and who is asking right now."""

    answers: OrderedDict[str, Answer] = field(default_factory=OrderedDict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def keep(self, key: str, answer: Answer) -> None:
        self.answers[key] = answer
        while len(self.answers) > KEEP:
            self.answers.popitem(last=False)


class Memories:
    """One memory per caller; that of the caller who was away for longest goes first."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, Memory] = OrderedDict()

    def of(self, caller: str) -> Memory:
        memory = self._of.setdefault(caller, Memory())
        self._of.move_to_end(caller)
        while len(self._of) > CALLERS:
            self._of.popitem(last=False)
        return memory


class OnceRoute(APIRoute):
    """A route whose POST honours the key."""

    def get_route_handler(self) -> Handle:
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            caller = cast(Gate, request.app.state.gate).caller(request)
            if request.method != "POST" or key is None or caller is None:
                return await handle(request)
            if len(key) > KEY_LENGTH:
                raise Problem(422, "validation", {"errors": [{"field": f"header.{HEADER}", "code": "too_long"}]})
            memory = cast(Memories, request.app.state.memories).of(caller.key)
            async with memory.turn:  # two at once: the second gets the first one's answer
                return await _once(memory, key, request, handle)

        return once


async def _once(memory: Memory, key: str, request: Request, handle: Handle) -> Response:
    question = await _question(request)
    known = memory.answers.get(key)
    if known is not None:
        if known.question != question:
            raise Problem(422, "key_reused")
        return _again(known.response)
    response = await _told(handle, request)
    if response.status_code in REMEMBERED:
        memory.keep(key, Answer(question, _again(response)))
    return response


async def _told(handle: Handle, request: Request) -> Response:
    """The answer as it goes out, refusals included."""
    try:
        return await handle(request)
    except Problem as problem:
        return problem.response()
    except LabError as error:
        return of_lab(error).response()


async def _question(request: Request) -> str:
    body = await request.body()
    return hashlib.sha256(f"{request.url.path}\n".encode() + body).hexdigest()


def _again(response: Response) -> Response:
    """A copy: headers that the way out adds stay off the one that is kept."""
    copy = Response(bytes(response.body), response.status_code)
    copy.raw_headers = list(response.raw_headers)
    return copy
