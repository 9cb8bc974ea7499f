"""The api's end of the channel: `HostClient` for one host, `Lab` for all of them. Knows no line and no HTTP."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from controller.messages import (
    LARGEST,
    ChannelError,
    Frame,
    HostAddress,
    LabError,
    LabLost,
    Request,
    ask,
    bench_of,
    check_hello,
    decode,
    hello,
)
from devices.endpoint import Role
from sim.state import JsonValue

logger = logging.getLogger(__name__)
Listener = Callable[[Frame], None]

ANSWER_S = 10.0
WORKED_OUT = ("map", "conditions", "scenarios", "load_condition", "load_scenario", "look", "branch")
LONG_ANSWERS_S = dict.fromkeys(WORKED_OUT, 120.0)  # worker processes take seconds, more where many are busy
RETRY_S = (0.05, 1.0)  # first and longest pause between two attempts to connect


@dataclass(eq=False)
class _Sink:
    listener: Listener
    waiting: bool = True  # for a snap


@dataclass
class _Channel:
    seq: int = -1
    sinks: list[_Sink] = field(default_factory=list)

    def take(self, frame: Frame) -> bool:
        """Hand a frame to whom it fits; False where frames were lost and a new snap is needed."""
        seq = frame.get("seq")
        number = seq if isinstance(seq, int) else 0
        if frame.get("k") == "snap":
            for sink in self.sinks:
                if sink.waiting or number != self.seq:
                    sink.waiting = False
                    sink.listener(frame)
            self.seq = number
            return True
        if number != self.seq + 1:
            return not self.lose()
        self.seq = number
        for sink in self.sinks:
            if not sink.waiting:
                sink.listener(frame)
        return True

    def lose(self) -> bool:
        """Wait for a snap from now on; False where everybody waits for one already."""
        served = [sink for sink in self.sinks if not sink.waiting]
        for sink in served:
            sink.waiting = True
        return bool(served)


class HostClient:
    """A connection to one host that comes back by itself. While it is away every request raises `LabLost`."""

    def __init__(self, address: HostAddress) -> None:
        self._address = address
        self._ids = count(1)
        self._asked: dict[int, asyncio.Future[JsonValue]] = {}
        self._channels: dict[str, _Channel] = {}
        self._outbox: asyncio.Queue[str] | None = None  # there while connected
        self._task: asyncio.Task[None] | None = None
        self._up = asyncio.Event()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"channel to {self._address.url}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def connected(self) -> None:
        """Returns as soon as the host answers."""
        await self._up.wait()

    async def request(
        self,
        op: str,
        *,
        bench: int | None = None,
        by: str = "",
        role: Role = Role.OBSERVER,
        params: Mapping[str, JsonValue] | None = None,
    ) -> JsonValue:
        """Ask one thing of a bench. `LabError` says why not, `LabLost` that nobody answers."""
        if self._outbox is None:
            raise LabLost
        id = next(self._ids)
        answer: asyncio.Future[JsonValue] = asyncio.get_running_loop().create_future()
        self._asked[id] = answer
        self._outbox.put_nowait(ask(Request(id, op, bench, by, role, dict(params or {}))))
        try:
            async with asyncio.timeout(LONG_ANSWERS_S.get(op, ANSWER_S)):
                return await answer
        except TimeoutError as error:
            raise LabLost from error
        finally:
            self._asked.pop(id, None)

    def subscribe(self, channel: str, listener: Listener) -> Callable[[], None]:
        """Frames of a channel from now on, first a whole `snap`, and one again after every loss. Call to end it."""
        state = self._channels.setdefault(channel, _Channel())
        sink = _Sink(listener)
        state.sinks.append(sink)
        self._send("subscribe", channel)

        def end() -> None:
            if sink in state.sinks:
                state.sinks.remove(sink)
                if not state.sinks and self._channels.get(channel) is state:
                    del self._channels[channel]
                    self._send("unsubscribe", channel)

        return end

    def _send(self, op: str, channel: str) -> None:
        if self._outbox is not None:
            self._outbox.put_nowait(ask(Request(next(self._ids), op, bench_of(channel), params={"ch": channel})))

    async def _run(self) -> None:
        pause = RETRY_S[0]
        while True:
            try:
                async with connect(
                    self._address.url,
                    additional_headers={"Authorization": f"Bearer {self._address.secret}"},
                    compression=None,
                    max_size=LARGEST,
                    proxy=None,
                ) as socket:
                    await socket.send(hello())
                    check_hello(await socket.recv())
                    logger.info("connected to %s", self._address.url)
                    pause = RETRY_S[0]
                    await self._talk(socket)
            except (OSError, WebSocketException, ChannelError, TimeoutError) as error:
                logger.debug("no channel to %s: %s", self._address.url, error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, RETRY_S[1])

    async def _talk(self, socket: ClientConnection) -> None:
        outbox: asyncio.Queue[str] = asyncio.Queue()
        self._outbox = outbox
        writer = asyncio.create_task(_write(socket, outbox))
        for channel in self._channels:
            self._send("subscribe", channel)
        self._up.set()
        try:
            async for text in socket:
                self._hear(decode(text))
        finally:
            self._up.clear()
            self._outbox = None
            self._lost()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            logger.info("lost %s", self._address.url)

    def _hear(self, message: Frame) -> None:
        name = message.get("ch")
        if isinstance(name, str):
            channel = self._channels.get(name)
            if channel is not None and not channel.take(message):
                self._send("subscribe", name)
            return
        id = message.get("id")
        answer = self._asked.get(id) if isinstance(id, int) else None
        if answer is None or answer.done():
            if message.get("ok") is False:
                logger.warning("the host refused a subscription: %s", message.get("code"))
        elif message.get("ok") is True:
            answer.set_result(message.get("result"))
        else:
            params = message.get("params")
            answer.set_exception(LabError(str(message.get("code")), params if isinstance(params, dict) else None))

    def _lost(self) -> None:
        for channel in self._channels.values():
            channel.lose()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(LabLost())


async def _write(socket: ClientConnection, outbox: asyncio.Queue[str]) -> None:
    try:
        while True:
            await socket.send(await outbox.get())
    except WebSocketException:
        return  # the reader sees the same end


class Lab:
    """All hosts of a lab behind one face: each question goes to the host that runs the bench."""

    def __init__(self, hosts: Sequence[HostAddress]) -> None:
        self._clients = [HostClient(host) for host in hosts]
        self._of = {bench: client for host, client in zip(hosts, self._clients, strict=True) for bench in host.benches}

    @property
    def benches(self) -> tuple[int, ...]:
        return tuple(sorted(self._of))

    async def start(self) -> None:
        for client in self._clients:
            await client.start()

    async def stop(self) -> None:
        for client in self._clients:
            await client.stop()

    async def connected(self) -> None:
        """Returns as soon as every host answers."""
        for client in self._clients:
            await client.connected()

    async def request(
        self, op: str, *, bench: int | None, by: str, role: Role, params: Mapping[str, JsonValue]
    ) -> JsonValue:
        """Ask one thing of a bench; without a bench, of the first host."""
        client = self._clients[0] if bench is None else self._of.get(bench)
        if client is None:
            raise LabError("unknown", {"bench": bench})
        return await client.request(op, bench=bench, by=by, role=role, params=params)

    def subscribe(self, channel: str, listener: Listener) -> Callable[[], None]:
        """See `HostClient.subscribe`. Raises `LabError` where no host runs the bench of the channel."""
        bench = bench_of(channel)
        client = self._clients[0] if bench is None else self._of.get(bench)
        if client is None:
            raise LabError("unknown", {"channel": channel})
        return client.subscribe(channel, listener)
