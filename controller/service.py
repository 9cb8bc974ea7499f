"""The host's end of the channel: takes connections that know the secret, answers, and pushes subscribed channels.

A connection that cannot keep up loses its queued frames and gets a whole `snap` of each channel instead. While the
benches are starting or stopping nobody is said hello: to a client the host is not there then, and nothing is unknown.
"""

import asyncio
import hmac
import http
import logging
from collections import deque
from collections.abc import Mapping

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import WebSocketException
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response

from controller.feeds import TICK_S, Feed, feeds
from controller.messages import (
    LARGEST,
    ChannelError,
    Frame,
    LabError,
    LabLost,
    Request,
    asked,
    bench_of,
    check_hello,
    encode,
    hello,
    no,
    yes,
)
from controller.operations import EVERYBODY, INSTRUCTOR, Desk, answer
from devices.tasks import begin, end
from sim.state import JsonValue

logger = logging.getLogger(__name__)
QUEUE = 100  # frames that may wait for one connection
ROLES = {  # who may see a channel
    "line": EVERYBODY,
    "tags": EVERYBODY,
    "wires": EVERYBODY,
    "alarms": EVERYBODY,
    "maintenance": EVERYBODY,
    "faults": INSTRUCTOR,
}


class Outbox:
    """What waits to be sent on one connection: answers always, frames up to `QUEUE`."""

    def __init__(self) -> None:
        self.channels: set[str] = set()
        self.lost: set[str] = set()  # channels that need a snap before they go on
        self._answers: deque[str] = deque()
        self._frames: deque[str] = deque()
        self._ready = asyncio.Event()

    def answer(self, text: str) -> None:
        self._answers.append(text)
        self._ready.set()

    def push(self, channel: str, text: str) -> None:
        if channel in self.lost:
            return
        if len(self._frames) >= QUEUE:
            self._frames.clear()
            self.lost |= self.channels
        else:
            self._frames.append(text)
        self._ready.set()

    def need(self, channel: str) -> None:
        """Begin a channel, or begin it again: the next frame of it is a snap."""
        self.channels.add(channel)
        self.lost.add(channel)
        self._ready.set()

    def drop(self, channel: str) -> None:
        self.channels.discard(channel)
        self.lost.discard(channel)

    def found(self, channel: str) -> None:
        """A snap is on its way: frames after it count again."""
        self.lost.discard(channel)

    async def next(self) -> str | None:
        """The next text, or None when nothing waits but snaps that are to be made."""
        while not (self._answers or self._frames or self.lost):
            self._ready.clear()
            await self._ready.wait()
        if self._frames:
            return self._frames.popleft()
        return self._answers.popleft() if self._answers else None


class Channel:
    """One channel of one bench: its feed, its count of frames, and the connections that follow it."""

    def __init__(self, name: str, feed: Feed) -> None:
        self.name, self._feed = name, feed
        self.every = feed.every
        self.followers: set[Outbox] = set()
        self._seq = 0

    def flush(self) -> None:
        """Push what changed to all followers."""
        if self._feed.torn:
            self._seq += 1  # whoever has the frames before must not go on from there
            for follower in self.followers:
                follower.need(self.name)
            self._feed.snap()
            return
        changes = self._feed.ev()
        if changes is not None:
            self._seq += 1
            text = encode({"ch": self.name, "k": "ev", "seq": self._seq, **changes})
            for follower in self.followers:
                follower.push(self.name, text)

    def snap(self) -> Frame:
        """Everything now; what changed before goes to the followers first, so that all count alike."""
        if self.followers:
            self.flush()
        return {"ch": self.name, "k": "snap", "seq": self._seq, **self._feed.snap()}


class Service:
    """The server of one host: `start` listens, on any free port of loopback unless told one; `open` begins to serve."""

    def __init__(self, desks: Mapping[int, Desk], secret: str) -> None:
        self._desks, self._secret = desks, secret
        self._open = asyncio.Event()
        self._channels: dict[str, Channel] = {}
        self._server: Server | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._connections: set[Outbox] = set()

    async def start(self, port: int = 0) -> int:
        self._server = await serve(
            self._connection,
            "127.0.0.1",
            port,
            process_request=self._admit,
            compression=None,
            max_size=LARGEST,
            server_header=None,
        )
        self._ticking = begin(self._tick(), "channels")
        return int(next(iter(self._server.sockets)).getsockname()[1])

    def open(self) -> None:
        """The benches stand: answer whoever asks, and whoever has waited since `start`."""
        self._open.set()

    def close(self) -> None:
        """The benches are about to go: what is asked from now on is not answered any more."""
        self._open.clear()

    async def stop(self) -> None:
        self.close()
        if self._ticking is not None:
            await end(self._ticking)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _admit(self, connection: ServerConnection, request: HttpRequest) -> Response | None:
        given = request.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {self._secret}".encode()):
            return None
        return connection.respond(http.HTTPStatus.UNAUTHORIZED, "")

    # ---- one connection --------------------------------------------------------------------------------------

    async def _connection(self, socket: ServerConnection) -> None:
        if not await self._opened(socket):
            return
        outbox = Outbox()
        self._connections.add(outbox)
        try:
            await socket.send(hello(tuple(self._desks)))
            check_hello(await socket.recv())
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write(socket, outbox))
                async for text in socket:
                    request = asked(text)
                    tasks.create_task(self._serve(request, outbox))
                writer.cancel()
        except* (WebSocketException, ChannelError) as errors:
            logger.info("channel closed: %s", errors.exceptions[0])
        finally:
            self._connections.discard(outbox)
            for channel in self._channels.values():
                channel.followers.discard(outbox)

    async def _opened(self, socket: ServerConnection) -> bool:
        """Wait until the benches stand. False: whoever asked is gone before that."""
        waits = {asyncio.create_task(self._open.wait()), asyncio.create_task(socket.wait_closed())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return self._open.is_set()

    async def _write(self, socket: ServerConnection, outbox: Outbox) -> None:
        while True:
            text = await outbox.next()
            if text is None:
                name = next(iter(outbox.lost))
                text = encode(self._channel(name).snap())
                outbox.found(name)  # only now: what `snap` pushed is part of it
            await socket.send(text)

    async def _serve(self, request: Request, outbox: Outbox) -> None:
        try:
            result = await self._answer(request, outbox)
        except LabError as error:
            outbox.answer(no(request.id, error))
        except Exception:
            logger.exception("%s failed", request.op)
            outbox.answer(no(request.id, LabError("internal", {"op": request.op})))
        else:
            outbox.answer(yes(request.id, result))

    async def _answer(self, request: Request, outbox: Outbox) -> JsonValue:
        if not self._open.is_set():
            raise LabLost
        if request.op == "benches":
            return [desk.bench.info() for desk in self._desks.values()]
        if request.op == "snapshot":
            return self._seen(request).snap()
        if request.op == "subscribe":
            channel = self._channel(str(request.params.get("ch")))
            channel.followers.add(outbox)
            outbox.need(channel.name)
            return {}
        if request.op == "unsubscribe":
            channel = self._channel(str(request.params.get("ch")))
            channel.followers.discard(outbox)
            outbox.drop(channel.name)
            return {}
        return await answer(self._desk(request.bench), request)

    def _desk(self, bench: int | None) -> Desk:
        """The bench that is meant; without a number the first."""
        desk = next(iter(self._desks.values()), None) if bench is None else self._desks.get(bench)
        if desk is None:
            raise LabError("unknown", {"bench": bench})
        return desk

    def _seen(self, request: Request) -> Channel:
        channel = self._channel(str(request.params.get("ch")))
        if request.role not in ROLES[channel.name.partition(":")[0]]:
            raise LabError("forbidden", {"channel": channel.name})
        return channel

    # ---- channels --------------------------------------------------------------------------------------------

    def _channel(self, name: str) -> Channel:
        channel = self._channels.get(name)
        if channel is None:
            kind, bench = name.partition(":")[0], bench_of(name)
            if kind not in ROLES or bench is None or name != f"{kind}:{bench}":
                raise LabError("unknown", {"channel": name[:40]})
            made = feeds(self._desk(bench).bench)
            self._channels.update({f"{kind}:{bench}": Channel(f"{kind}:{bench}", feed) for kind, feed in made.items()})
            channel = self._channels[name]
        return channel

    async def _tick(self) -> None:
        """Push what changed; channels that nobody follows cost nothing."""
        count = 0
        while True:
            await asyncio.sleep(TICK_S)
            count += 1
            for channel in list(self._channels.values()):
                if channel.followers and count % channel.every == 0:
                    channel.flush()
