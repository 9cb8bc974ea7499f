"""The life of a child process: told its work by one line on standard input, stopped by the end of it.

So secrets are on no command line, a child never outlives its supervisor, and it stops alike on every system. What it
has to say to the supervisor are lines on its standard output.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading

READY = "ready"


def first_line() -> bytes:
    """What this process is to do. Read byte by byte: nothing after the line is swallowed."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return bytes(line)


def say(line: str) -> None:
    """Tell the supervisor. Where it is gone, its end stops this process anyway."""
    with contextlib.suppress(OSError):
        os.write(1, line.encode() + b"\n")


def stop_with_supervisor(stop: asyncio.Event) -> None:
    """Set `stop` when standard input ends, or on SIGTERM."""
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    # a daemon: a read that blocks must not keep the process alive
    threading.Thread(target=_wait, args=(loop, stop), name="supervisor", daemon=True).start()


def _wait(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):  # the loop is closed: it has stopped already
        loop.call_soon_threadsafe(stop.set)
