"""The api process: `python -m api.server`, started and watched by the supervisor.

It is told what to serve by one JSON line on its standard input (secrets do not belong on a command line), says one line
`ready` on its standard output when it listens, and stops when its standard input ends or on SIGTERM.

    {"listen": "127.0.0.1", "port": 8080, "tokens": {"1": {"trainee": "..."}}, "hosts": [{"url", "secret", "benches"}]}
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, ValidationError

from api.app import create_app
from controller.channel import Lab
from controller.clock import SystemClock
from controller.messages import HostAddress
from controller.tokens import Tokens

log = logging.getLogger(__name__)

READY = "ready"
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
            sys.stdout.write(READY + "\n")
            sys.stdout.flush()

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


async def _until_told(given: ToServe) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    # a daemon: a read that blocks must not keep the process alive
    threading.Thread(target=_wait_for_end, args=(loop, stop), daemon=True).start()
    await serve(given, stop)


def _wait_for_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Standard input ends with the supervisor, also where that was killed."""
    # not through `sys.stdin`: its lock would be held while the interpreter shuts down
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped already
        loop.call_soon_threadsafe(stop.set)


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        given = ToServe.model_validate_json(sys.stdin.readline())
    except ValidationError as error:
        log.error("standard input must say what to serve: %s", error)
        return 2
    try:
        asyncio.run(_until_told(given))
    except OSError as error:
        log.error("port %d of %s: %s", given.port, given.listen, error.strerror or error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
