"""A whole lab from start to Ctrl-C: starts host and api processes, watches them, starts again what dies.

Shows nothing itself: what a person should see goes to the callback. Lines and wires live in the hosts, so the end of
the api process takes only the page away; a host that died goes on where its journals end.
"""

import asyncio
import contextlib
import logging
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from controller import ports
from controller.channel import Lab
from controller.clock import SystemClock
from controller.folder_lock import FolderLock, FolderTaken
from controller.messages import LabError
from controller.parts import ApiPart, HostPart, Part, StartError
from controller.ports import PortTaken
from controller.settings import Settings
from controller.tokens import FILE, Tokens, prepare, save
from devices.endpoint import Clock, Role
from sim.state import JsonValue

logger = logging.getLogger(__name__)
START_S = 60.0  # for all wires of a host
RESTARTS = 5  # within RESTARTS_S: then something is wrong that starting again does not cure
RESTARTS_S = 60.0


@dataclass(frozen=True, slots=True)
class Connection:
    """One row of the table that a trainee connects by."""

    bench: int
    wire: str
    url: str


@dataclass(frozen=True, slots=True)
class Started:
    """Everything answers."""

    web: str
    connections: tuple[Connection, ...]
    new_tokens: dict[int, dict[Role, str]]  # of the benches that had none: shown this once
    tokens_file: Path
    data: Path


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a person should know; `error` where the lab ends by it."""

    text: str
    error: bool = False


Tell = Callable[[Started | Notice], None]


def assign(benches: int, hosts: int) -> list[tuple[int, ...]]:
    """Which benches each host runs: as even as possible, in order."""
    numbers = range(1, benches + 1)
    return [tuple(numbers[n * benches // hosts : (n + 1) * benches // hosts]) for n in range(hosts)]


class Supervisor:
    """One lab. `run` returns the exit code."""

    def __init__(self, settings: Settings, tell: Tell, clock: Clock, hosts: int = 1, api: str = "api.server") -> None:
        self._settings, self._tell, self._clock, self._api_module = settings, tell, clock, api
        self._host_count = min(hosts, settings.benches)
        self._hosts: list[HostPart] = []
        self._parts: list[Part] = []
        self._lock = FolderLock(settings.data)
        self.stop = asyncio.Event()

    async def run(self) -> int:
        """Until `stop` is set, or until it cannot go on."""
        living = asyncio.create_task(self._live(), name="lab")
        stopping = asyncio.create_task(self.stop.wait(), name="stop")
        try:
            await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if living.done():
                await living
            return 0
        except StartError as error:
            self._tell(Notice(error.why, error=True))
            return error.code
        finally:
            living.cancel()
            stopping.cancel()
            await asyncio.gather(living, stopping, return_exceptions=True)
            for part in reversed(self._parts):  # the page first, so that nobody asks a host that stops
                await part.process.stop()
            self._lock.release()

    async def _live(self) -> None:
        made = self._prepare()
        async with _first_error(), asyncio.TaskGroup() as starts:
            for part in self._parts:
                starts.create_task(self._bring_up(part))
        started = await self._started(made)
        self._keep(*made)
        self._tell(started)
        async with _first_error(), asyncio.TaskGroup() as watches:
            for part in self._parts:
                watches.create_task(self._keep_up(part))

    def _prepare(self) -> tuple[Tokens, tuple[int, ...]]:
        """Tokens, and the parts, nothing started yet."""
        settings = self._settings
        try:
            for listener in ports.all_of(settings):  # better told now than when half of it is up
                listener.probe()
            self._lock.take()
            tokens, made = prepare(settings.data, range(1, settings.benches + 1))
        except (PortTaken, FolderTaken) as error:
            raise StartError(str(error), 2) from error
        except (OSError, ValueError) as error:
            raise StartError(f"{settings.data / FILE}: {error}", 2) from error
        shares = assign(settings.benches, self._host_count)
        hosts = [HostPart(settings, tokens, benches, n) for n, benches in enumerate(shares, 1)]
        self._parts = [*hosts, ApiPart(settings, tokens, hosts, self._api_module)]
        self._hosts = hosts
        return tokens, made

    def _keep(self, tokens: Tokens, made: tuple[int, ...]) -> None:
        """New tokens are kept when they are about to be shown: after a start that failed there are new ones again."""
        if not made:
            return
        try:
            save(self._settings.data, tokens)
        except OSError as error:
            raise StartError(f"{self._settings.data / FILE}: {error}", 2) from error

    async def _bring_up(self, part: Part) -> None:
        try:
            async with asyncio.timeout(START_S):
                await part.up(again=False)
        except TimeoutError as error:
            raise StartError(f"{part.name} did not start within {START_S:.0f} s, see {part.process.log}", 1) from error

    async def _started(self, made: tuple[Tokens, tuple[int, ...]]) -> Started:
        tokens, fresh = made
        lab = Lab([await host.address() for host in self._hosts])
        await lab.start()
        try:
            await lab.connected()
            rows = [row for bench in lab.benches for row in await _connections(lab, bench)]
        finally:
            await lab.stop()
        roles = (Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER)
        settings = self._settings
        return Started(
            web=_web_url(settings.listen, settings.web_port),
            connections=tuple(rows),
            new_tokens={bench: {role: tokens.of(bench, role) for role in roles} for bench in fresh},
            tokens_file=settings.data / FILE,
            data=settings.data,
        )

    async def _keep_up(self, part: Part) -> None:
        """Start a part again as often as it dies; a host that keeps dying ends the lab, a page never does."""
        deaths: deque[float] = deque(maxlen=RESTARTS)
        while True:
            code = await part.process.ended()
            deaths.append(self._clock.monotonic())
            often = len(deaths) == RESTARTS and deaths[-1] - deaths[0] < RESTARTS_S
            if often and part in self._hosts:
                raise StartError(f"{part.name} ended {RESTARTS} times in a short while, see {part.process.log}", 1)
            self._tell(Notice(f"{part.name} ended with code {code}: started again, see {part.process.log}"))
            await asyncio.sleep(10.0 if often else 0.1 * len(deaths))
            try:
                await part.up(again=True)
            except StartError as error:
                self._tell(Notice(error.why))
            else:
                self._tell(Notice(f"{part.name} is back"))


async def _connections(lab: Lab, bench: int) -> list[Connection]:
    try:
        wires = await lab.request("wires", bench=bench, by="supervisor", role=Role.ENGINEER, params={})
    except LabError as error:
        raise StartError(f"bench {bench} does not answer: {error.code}", 1) from error
    rows = wires if isinstance(wires, list) else []
    return [
        Connection(bench, str(row["wire"]), str(url))
        for row in rows
        if isinstance(row, dict)
        for url in (row["url"], *_listed(row.get("more_urls")), *_listed(row.get("also")))
    ]


def _listed(urls: JsonValue) -> list[JsonValue]:
    return urls if isinstance(urls, list) else []


@contextlib.asynccontextmanager
async def _first_error() -> AsyncIterator[None]:
    """Of several parts that failed at once the first is told."""
    try:
        yield
    except* StartError as errors:
        error = errors.exceptions[0]
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        raise error from None


def _web_url(listen: str, port: int) -> str:
    if ip_address(listen).is_unspecified:
        return f"http://127.0.0.1:{port}/"
    return f"http://[{listen}]:{port}/" if ":" in listen else f"http://{listen}:{port}/"


def run(settings: Settings, tell: Tell) -> int:
    """Run a lab until Ctrl-C or SIGTERM; the exit code."""
    return asyncio.run(_run(settings, tell))


async def _run(settings: Settings, tell: Tell) -> int:
    supervisor = Supervisor(settings, tell, SystemClock())
    _on_signals(supervisor.stop)
    return await supervisor.run()


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
