"""A host process: some benches on one loop, and the channel to them. `python -m controller.host`, see `child.py`.

It says `channel <port>` as soon as the channel listens, `ready` when every bench stands and every wire answers (before
that the channel answers nothing), `failed <why>` where it cannot start. What takes long (address spaces, restoring) is
done before the first line begins to run.
"""

import asyncio
import gc
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from controller import child, runs, wires
from controller.bench import Bench
from controller.bindings import RealDevices
from controller.certificates import driver_certificates
from controller.clock import SystemClock
from controller.faults import FaultShelf
from controller.operations import Desk
from controller.ports import PortTaken
from controller.recorder import RecordError
from controller.service import Service
from controller.settings import Settings
from controller.tokens import BenchCredentials, Tokens
from devices.drivers import PointError, TargetError
from devices.endpoint import Clock
from scenarios.catalogue import Catalogue
from scenarios.faulting import Fault
from scenarios.file_error import FileError, FileErrors

logger = logging.getLogger(__name__)
WRONG_USE = 2  # exit code


class HostWork(BaseModel):
    """What a supervisor tells a host."""

    model_config = ConfigDict(extra="forbid")

    settings: Settings
    benches: tuple[int, ...]
    tokens: dict[str, dict[str, str]]
    secret: str
    channel_port: int = 0  # a host that takes the place of a dead one gets its port


class Host:
    """The benches of one process. `start` brings up all or nothing."""

    def __init__(self, settings: Settings, tokens: Tokens, clock: Clock) -> None:
        self.settings, self.tokens, self.clock = settings, tokens, clock
        self.desks: dict[int, Desk] = {}

    async def start(self, numbers: tuple[int, ...]) -> None:
        """Raises `PortTaken`, `RecordError`, `FileErrors`; then everything that was started is stopped again."""
        catalogue = Catalogue(self.settings.content)
        definition, faults = catalogue.load_line(self.settings.line), catalogue.faults()
        try:
            await self._place_all([runs.Plan(definition, self.settings, number) for number in numbers], faults)
            for number in numbers:
                await self._connect(self.desks[number])
                self._bind(self.desks[number].bench, catalogue)
            for desk in self.desks.values():
                desk.bench.run.start()
                if desk.bench.devices is not None:
                    desk.bench.devices.start()
        except BaseException:
            await self.stop()
            raise

    async def _place_all(self, plans: Sequence[runs.Plan], faults: Mapping[str, Fault]) -> None:
        workers = asyncio.Semaphore(os.cpu_count() or 1)  # each resumes in a process of its own
        try:
            async with asyncio.TaskGroup() as tasks:
                for plan in plans:
                    tasks.create_task(self._place(plan, faults, workers))
        except* (RecordError, runs.ResumeError) as errors:
            raise errors.exceptions[0] from None  # of several the first is told

    async def _place(self, plan: runs.Plan, faults: Mapping[str, Fault], workers: asyncio.Semaphore) -> None:
        """A bench without wires; its line does not run yet."""
        run = await runs.first(plan, self.clock, workers)
        again = replace(plan, definition=run.line.definition)  # a resumed line keeps the definition of its journal
        shelf = FaultShelf(faults, again.definition, run.line.tags)
        shelves = self.settings.trainee_shelves
        bench = Bench(plan.bench, self.clock, run, partial(runs.begin, again, self.clock), shelf, shelves)
        addresses = wires.address_map(again.definition, run.line.tags, self.settings, plan.bench)
        self.desks[plan.bench] = Desk(bench, addresses, self.settings)

    def _bind(self, bench: Bench, catalogue: Catalogue) -> None:
        """Its real devices, not connected yet. Raises `FileErrors`."""
        name = self.settings.binding(bench.number)
        if name is None:
            return
        binding = catalogue.load_binding(name, bench.definition)
        try:
            store = driver_certificates(self.settings, bench.number)
            bench.devices = RealDevices(binding, self.clock, bench.run, store)
        except (TargetError, PointError) as error:
            raise FileErrors([FileError(Path(name), 0, "", str(error))]) from error

    async def _connect(self, desk: Desk) -> None:
        """Its wires."""
        bench, settings = desk.bench, desk.settings
        credentials = BenchCredentials(self.tokens, bench.number)
        endpoints = wires.endpoints(bench.view, desk.addresses, settings, credentials, bench.definition)
        await wires.start(endpoints, settings, bench.number)
        bench.endpoints = endpoints

    async def stop(self) -> None:
        """Every wire and every run, the journals closed."""
        for desk in self.desks.values():
            await desk.bench.stop()
        self.desks.clear()


async def serve(work: HostWork) -> int:
    """Run the benches until standard input ends. The exit code: 0, or 2 where the settings do not work."""
    stop = asyncio.Event()
    child.stop_with_supervisor(stop)
    gc.disable()  # address spaces are built once and stay: looking through them meanwhile is a third of the time
    host = Host(work.settings, Tokens.load(work.tokens), SystemClock())
    service = Service(host.desks, work.secret)
    child.say(f"channel {await service.start(work.channel_port)}")
    starting = asyncio.create_task(host.start(work.benches), name="start")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            gc.collect()
            gc.freeze()  # address spaces live as long as the host: no pause to look through them
            gc.enable()
            service.open()
            child.say(child.READY)
            await stopping
    except (PortTaken, RecordError, FileErrors, runs.ResumeError) as error:
        child.say("failed " + json.dumps(str(error), ensure_ascii=False))
        return WRONG_USE
    finally:
        starting.cancel()
        stopping.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        service.close()
        await host.stop()
        await service.stop()
    return 0


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        work = HostWork.model_validate_json(child.first_line())
    except ValidationError as error:
        logger.error("standard input must say what to run: %s", error)
        return WRONG_USE
    # paho and asyncua want a loop that watches sockets; that is not the one that Windows takes by itself
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(serve(work))


if __name__ == "__main__":
    sys.exit(main())
