"""The processes that a lab is made of: what each is told, and how it says that it answers. See `supervisor.py`."""

import asyncio
import json
import secrets
from collections.abc import Sequence
from typing import Protocol

from controller.messages import HostAddress
from controller.process import Process
from controller.settings import Settings
from controller.tokens import Tokens


class StartError(Exception):
    """A process did not come up; says why, for a person."""

    def __init__(self, why: str, code: int) -> None:
        super().__init__(why, code)
        self.why, self.code = why, code


class Part(Protocol):
    """A process that a lab is made of."""

    name: str
    process: Process

    async def up(self, again: bool) -> None:
        """Start it and return when it answers. Raises `StartError`."""
        ...


class HostPart:
    """One host. A new process in its place gets the same port, so that nobody has to be told."""

    def __init__(self, settings: Settings, tokens: Tokens, benches: tuple[int, ...], number: int) -> None:
        self.name = f"host {number}"
        self.process = Process("controller.host", settings.data / "log" / f"host-{number}.log")
        self._settings, self._tokens, self._benches = settings, tokens, benches
        self._secret = secrets.token_urlsafe(32)
        self._port = 0
        self._channel: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def address(self) -> HostAddress:
        """Where it answers: known before its wires are up."""
        port = await asyncio.shield(self._channel)
        return HostAddress(f"ws://127.0.0.1:{port}", self._secret, self._benches)

    async def up(self, again: bool) -> None:
        settings = self._settings.model_copy(update={"resume": True}) if again else self._settings
        work = {
            "settings": settings.model_dump(mode="json"),
            "benches": self._benches,
            "tokens": self._tokens.dump(),
            "secret": self._secret,
            "channel_port": self._port,
        }
        await self.process.start(json.dumps(work))
        while (line := await self.process.line()) != "ready":
            if line is None:
                code = await self.process.ended()
                raise StartError(f"{self.name} ended with code {code}, see {self.process.log}", 1)
            word, _, rest = line.partition(" ")
            if word == "failed":
                raise StartError(json.loads(rest), 2)
            if word == "channel":
                self._port = int(rest)
                if not self._channel.done():
                    self._channel.set_result(self._port)


class ApiPart:
    """The api process."""

    def __init__(self, settings: Settings, tokens: Tokens, hosts: Sequence[HostPart], module: str) -> None:
        self.name = "api"
        self.process = Process(module, settings.data / "log" / "api.log")
        self._settings, self._tokens, self._hosts = settings, tokens, hosts

    async def up(self, again: bool) -> None:
        addresses = [await host.address() for host in self._hosts]
        work = {
            "listen": self._settings.listen,
            "port": self._settings.web_port,
            "tokens": self._tokens.dump(),
            "hosts": [{"url": a.url, "secret": a.secret, "benches": a.benches} for a in addresses],
        }
        await self.process.start(json.dumps(work))
        if await self.process.line() != "ready":
            code = await self.process.ended()
            raise StartError(f"the page cannot be served: code {code}, see {self.process.log}", 2 if code == 2 else 1)
