"""The api process: `python -m api.server`, started and watched by the supervisor, see `controller/child.py`.

Its work is one JSON line on its standard input; it says `ready` when it listens, `failed <why>` where it cannot.

    {"listen": "127.0.0.1", "port": 8080, "tokens": {"1": {"trainee": "..."}}, "hosts": [{"url", "secret", "benches"}]}
"""

import asyncio
import contextlib
import errno
import json
import logging
import socket
import sys
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, ValidationError

from api.app import create_app
from controller import child
from controller.channel import Lab
from controller.clock import SystemClock
from controller.messages import HostAddress
from controller.settings import PortOption
from controller.tokens import Tokens

log = logging.getLogger(__name__)

WRONG_USE = 2  # exit code
GRACE_S = 2  # for requests under way when it stops


class HostToServe(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: str
    secret: str
    benches: tuple[int, ...]


class ToServe(BaseModel):
    """What the supervisor tells on standard input."""

    model_config = ConfigDict(extra="forbid")

    listen: str
    port: int
    tokens: dict[str, dict[str, str]]
    hosts: tuple[HostToServe, ...]


def bind(listen: str, port: int) -> socket.socket:
    """The listening socket, or `OSError`: made here, so that a port in use is known before anything starts."""
    family = socket.AF_INET6 if ":" in listen else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would share a port that is in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((listen, port))
    except OSError:
        listening.close()
        raise
    return listening


class WebServer(uvicorn.Server):
    """A server that says when it listens, and leaves signals to this module."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            child.say(child.READY)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def web_server(app: FastAPI) -> WebServer:
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=64 * 1024,
        ws_max_queue=16,
        timeout_graceful_shutdown=GRACE_S,
        limit_concurrency=1000,
    )
    return WebServer(config)


async def serve(given: ToServe, stop: asyncio.Event) -> None:
    """Serve until told to stop. Raises `OSError` where the port is taken."""
    listening = bind(given.listen, given.port)
    lab = Lab([HostAddress(host.url, host.secret, host.benches) for host in given.hosts])
    server = web_server(create_app(lab, Tokens.load(given.tokens), SystemClock()))
    await lab.start()
    running = asyncio.create_task(server.serve(sockets=[listening]), name="web server")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        stopping.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)
        await lab.stop()
        listening.close()


async def _until_told(given: ToServe) -> int:
    stop = asyncio.Event()
    child.stop_with_supervisor(stop)
    try:
        await serve(given, stop)
    except OSError as error:
        child.say("failed " + json.dumps(_taken(given, error), ensure_ascii=False))
        return WRONG_USE
    return 0


def _taken(given: ToServe, error: OSError) -> str:
    why = "it is in use" if error.errno == errno.EADDRINUSE else str(error.strerror or error)
    option = "--listen" if error.errno == errno.EADDRNOTAVAIL else PortOption.WEB
    return f"the web page cannot listen on {given.listen} port {given.port}: {why}; {option} changes it"


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        given = ToServe.model_validate_json(child.first_line())
    except ValidationError as error:
        log.error("standard input must say what to serve: %s", error)
        return WRONG_USE
    return asyncio.run(_until_told(given))


if __name__ == "__main__":
    sys.exit(main())
