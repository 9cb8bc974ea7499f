"""A serial line, or a pseudo-terminal in its place, as an asyncio transport. Knows bytes only. POSIX systems alone."""

import asyncio
import os
from collections import deque
from contextlib import suppress

import serial

from devices.serial_settings import PTY, SerialSettings

_CHUNK = 4096
_MOST_WAITING = 65536  # bytes that the line does not take: then the protocol is asked to pause

PARITIES = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


class SerialLine(asyncio.Transport):
    """Lives from `open` to `abort`. Its peer's name is the path where the other side opens it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, settings: SerialSettings) -> None:
        super().__init__()
        self._loop, self._protocol = loop, protocol
        self._settings = settings
        self._waiting: deque[bytes] = deque()
        self._closing = self._paused = self._choked = False
        self._held: int | None = None  # the other end of a pseudo-terminal: it must stay open, or ours hangs up
        self._port: serial.Serial | None = None
        self._fd = self._open()
        self.path = settings.device if self._held is None else os.ttyname(self._held)

    def start(self) -> None:
        """From now on bytes come and go."""
        self._protocol.connection_made(self)
        if not self._closing:
            self._loop.add_reader(self._fd, self._read)

    def _open(self) -> int:
        if self._settings.device != PTY:
            self._port = serial.Serial(
                self._settings.device, self._settings.baud, parity=PARITIES[self._settings.parity], timeout=0,
                exclusive=True,
            )  # fmt: skip
            os.set_blocking(self._port.fileno(), False)
            return int(self._port.fileno())
        import tty

        ours, self._held = os.openpty()
        tty.setraw(self._held)
        os.set_blocking(ours, False)
        if self._settings.link is not None:
            self._settings.link.unlink(missing_ok=True)
            self._settings.link.symlink_to(os.ttyname(self._held))
        return ours

    # ---- reading ----------------------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return
        except OSError as error:  # the adapter was unplugged
            self._lost(error)
            return
        if data:
            self._protocol.data_received(data)

    def pause_reading(self) -> None:
        if not self._paused and not self._closing:
            self._paused = True
            self._loop.remove_reader(self._fd)

    def resume_reading(self) -> None:
        if self._paused and not self._closing:
            self._paused = False
            self._loop.add_reader(self._fd, self._read)

    # ---- writing ----------------------------------------------------------------------------------------------

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing:
            return
        self._waiting.append(bytes(data))
        if len(self._waiting) == 1:
            self._write()

    def _write(self) -> None:
        while self._waiting:
            try:
                sent = os.write(self._fd, self._waiting[0])
            except BlockingIOError:
                sent = 0
            except OSError as error:
                self._lost(error)
                return
            if sent < len(self._waiting[0]):
                self._waiting[0] = self._waiting[0][sent:]
                self._loop.add_writer(self._fd, self._write)
                self._choke()
                return
            self._waiting.popleft()
        self._loop.remove_writer(self._fd)
        if self._choked:
            self._choked = False
            self._protocol.resume_writing()

    def _choke(self) -> None:
        """Nobody reads at the other end: a pseudo-terminal holds a few kilobytes, then no more."""
        if not self._choked and sum(map(len, self._waiting)) > _MOST_WAITING:
            self._choked = True
            self._protocol.pause_writing()

    # ---- the end ----------------------------------------------------------------------------------------------

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """A serial line has no connection that could end: garbage on it changes nothing."""

    def abort(self) -> None:
        self._lost(None)

    def _lost(self, error: OSError | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        if self._port is not None:
            self._port.close()
        else:
            os.close(self._fd)
        if self._held is not None:
            os.close(self._held)
        if self._settings.link is not None:
            with suppress(OSError):
                self._settings.link.unlink(missing_ok=True)
        self._protocol.connection_lost(error)

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self.path if name == "peername" else default
