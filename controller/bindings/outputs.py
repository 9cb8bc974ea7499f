"""The outputs of one real station on their way to the device: the newest value of each, in the order of the changes.

Nothing is sent while the station is disarmed or at rest, and nothing that waited is sent later.
"""

import asyncio
from collections.abc import Callable, Mapping

from devices.drivers import Device, Reason, Why
from scenarios.binding import BoundTag
from sim.tag import Value

RETRY_S = 0.05

Told = Callable[[str, Value, str, Reason | None], None]  # tag, value, by whom, the device's answer


class Outputs:
    """`put` while `flowing`; a task sends. `told` hears of everything that the device was asked to do."""

    def __init__(self, device: Device, tags: Mapping[str, BoundTag], told: Told) -> None:
        self._device, self.tags, self._told = device, tags, told
        self.flowing = False
        self.written: dict[str, Value] = {}  # what the device has confirmed
        self._waiting: dict[str, tuple[Value, str]] = {}
        self._ready = asyncio.Event()

    def put(self, tag: str, value: Value, by: str) -> None:
        if self.flowing:
            self._waiting[tag] = (value, by)
            self._ready.set()

    def stop(self) -> None:
        """Nothing more goes out, and nothing that waits goes out later."""
        self.flowing = False
        self._waiting.clear()

    async def safe(self, by: str) -> bool:
        """The safe state, before anything else. Whether the device has confirmed all of it."""
        self.stop()
        writes = [(name, one.safe) for name, one in self.tags.items() if one.safe is not None]
        answers = await self._device.write_many(writes, urgent=True) if writes else ()
        for (name, value), answer in zip(writes, answers, strict=True):
            self._say(name, value, by, answer)
        return not any(answers)

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            sent, self._waiting = self._waiting, {}
            if not sent:
                continue
            answers = await self._device.write_many([(name, value) for name, (value, _) in sent.items()])
            late = False
            for (name, (value, by)), answer in zip(sent.items(), answers, strict=True):
                if answer is not None and answer.why in (Why.RATE, Why.BUSY) and self.flowing:
                    self._waiting.setdefault(name, (value, by))  # the newest value goes as soon as it may
                    late = True
                else:
                    self._say(name, value, by, answer)
            if late:
                await asyncio.sleep(RETRY_S)
                self._ready.set()

    def _say(self, name: str, value: Value, by: str, answer: Reason | None) -> None:
        if answer is None:
            self.written[name] = value
        self._told(name, value, by, answer)
