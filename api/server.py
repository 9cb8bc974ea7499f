"""The api process: `python -m api.server`, started and watched by the supervisor.

It is told what to serve by one JSON line on its standard input (secrets do not belong on a command line), says one line
`ready` on its standard output when it listens, and stops when its standard input ends or on SIGTERM.

    {"listen": "127.0.0.1", "port": 8080, "tokens": {"1": {"trainee": "..."}}, "hosts": [{"url", "secret", "benches"}]}
"""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from dataclasses import dataclass

import uvicorn
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


@dataclass(frozen=True, slots=True)
class Serving:
    """An api process that listens: tell `server` to stop, then await the rest."""

    server: uvicorn.Server
    lab: Lab


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


class Quiet(uvicorn.Server):
    """A server whose signals are somebody else's business."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        yield


def serving(given: ToServe) -> Serving:
    lab = Lab([HostAddress(host.url, host.secret, host.benches) for host in given.hosts])
    app = create_app(lab, Tokens.load(given.tokens), SystemClock())
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
    return Serving(Quiet(config), lab)


async def serve(given: ToServe, stop: asyncio.Event) -> None:
    """Serve until told to stop. Raises `OSError` where the port is taken."""
    listening = bind(given.listen, given.port)
    it = serving(given)
    await it.lab.start()
    running = asyncio.create_task(it.server.serve(sockets=[listening]), name="web server")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        while not it.server.started and not running.done():
            await asyncio.sleep(0.01)
        if it.server.started:
            sys.stdout.write(READY + "\n")
            sys.stdout.flush()
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        it.server.should_exit = True
        stopping.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)
        await it.lab.stop()
        listening.close()


async def _until_told(given: ToServe) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    ending = loop.run_in_executor(None, sys.stdin.read)  # ends with the supervisor, also where that was killed
    ending.add_done_callback(lambda _: stop.set())
    await serve(given, stop)


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        given = ToServe.model_validate_json(sys.stdin.readline())
    except ValidationError as error:
        log.error("standard input must say what to serve: %s", error)  # noqa: TRY400
        return 2
    try:
        asyncio.run(_until_told(given))
    except OSError as error:
        log.error("port %d of %s: %s", given.port, given.listen, error.strerror or error)  # noqa: TRY400
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
