"""One Modbus connection on pymodbus' client: connect, one request and its answer, close. Knows no points.

pymodbus brings transports, framers and PDUs. Its own `execute` is not used: it sends a request again after a time-out
(a command must never go twice), connects by itself (a command would go out on a new connection), takes any answer
with a fitting transaction number whatever its function, and waits for the time-out when the device has hung up.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FRAMER_NAME_TO_CLASS, FramerType
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.transaction import TransactionManager
from pymodbus.transport import CommParams

from devices.drivers.cut import cut
from devices.drivers.reason import Lost, Silent

# it logs each failed attempt and each odd frame; a driver says one line for each change of state, and counts the rest
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

_SILENCE_CHARACTERS = 3.5  # between two frames on a serial line (Modbus over serial line 2.5.1.1)
_SHORTEST_SILENCE_S = 0.00175  # above 19,200 baud (the same)
_LATE_PIECES_S = 0.02  # between pieces of one late answer: USB adapters collect bytes for 16 ms
_LONGEST_REST = 1024  # bytes of a late answer that are thrown away before the line is taken to be babbling


@dataclass(frozen=True, slots=True)
class Way:
    """How frames go: `params` is pymodbus' description of the socket or serial port."""

    params: CommParams
    framer: FramerType
    name: str  # for messages
    byte_s: float = 0.0  # of a serial line

    @property
    def silence_s(self) -> float:
        return max(_SILENCE_CHARACTERS * self.byte_s, _SHORTEST_SILENCE_S) if self.byte_s else 0.0


class _Wire(TransactionManager):
    """pymodbus' protocol with one request under way; a failure of any kind ends the waiting at once."""

    def __init__(self, way: Way, heard: Callable[[], None]) -> None:
        super().__init__(way.params, FRAMER_NAME_TO_CLASS[way.framer](DecodePDU(False)), 0, False, None, None, None)
        self._tcp = way.framer is FramerType.SOCKET
        self._heard = heard
        self.babble = 0  # bytes that nobody asked for
        self._deadline_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.noise = asyncio.Event()  # such bytes came since the latest question

    def data_received(self, data: bytes) -> None:
        if self.comm_params.handle_local_echo:
            super().data_received(data)
            return
        whole = self.recv_buffer + data
        self.recv_buffer = b"" if len(whole) > self.max_buffer_size else whole[self.callback_data(whole) :]

    def callback_data(self, data: bytes, addr: tuple[str, int] | None = None) -> int:
        self._heard()
        if self.response_future.done():  # nobody asked, or no longer
            self.babble += len(data)
            self.noise.set()
            return len(data)
        if self._tcp and len(data) >= 6 and (data[2:4] != b"\0\0" or not 3 <= int.from_bytes(data[4:6], "big") <= 254):
            self.fail(Lost(f"garbage from the device: {data[:12].hex(' ')}"))
            return len(data)
        try:
            used, answer = self.framer.handleFrame(data, self.request_dev_id, self.request_transaction_id)
        except ModbusException as error:
            self.fail(Lost(f"an answer that is none: {error.string}"))
            return len(data)
        if answer is not None:
            self.response_future.set_result(answer)
        return used

    def callback_disconnected(self, exc: Exception | None) -> None:
        self.fail(Lost(f"the device closed the connection{f': {exc}' if exc else ''}"))

    def say(self, request: ModbusPDU) -> None:
        """What `pdu_send` does, without its hooks for tracing."""
        self.request_dev_id, self.request_transaction_id = request.dev_id, request.transaction_id
        packet = self.framer.buildFrame(request)
        if self.comm_params.handle_local_echo:
            self.sent_buffer += packet
        self.transport.write(packet)  # type: ignore[attr-defined]

    def expect(self, deadline_s: float) -> None:
        """An answer by then. One timer serves many requests: making and cancelling one each costs more than asking."""
        self._deadline_s = deadline_s
        if self._timer is None:
            self._timer = self.loop.call_at(deadline_s, self._look)

    def _look(self) -> None:
        self._timer = None
        if self.response_future.done():
            return
        if self.loop.time() < self._deadline_s:
            self.expect(self._deadline_s)
        else:
            self.fail(Silent("no answer in time"))

    def hush(self) -> None:
        """The end: no timer is left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.fail(Lost("closed"))

    def fail(self, error: Exception) -> None:
        if not self.response_future.done():
            self.response_future.set_exception(error)


class ModbusLink:
    """Opened and closed again and again; `ask` one thing at a time."""

    def __init__(self, way: Way, answer_s: float) -> None:
        self._way, self._answer_s = way, answer_s
        self._wire: _Wire | None = None
        self._owed = False  # a request was not answered: its answer may still come
        self._quiet_s = 0.0  # loop time since which the line has been silent

    async def open(self) -> None:
        await self.close()
        wire = _Wire(self._way, self._note)
        wire.response_future.cancel()
        try:
            wire.transport, _ = await wire.call_create()
        except (
            OSError,
            ValueError,
        ) as error:  # a serial port that is not there is an OSError, wrong parameters are not
            number = getattr(error, "errno", None)
            raise Lost(f"{self._way.name}: {os.strerror(number) if number else error}") from None
        self._wire = wire
        self._owed = self._owed and self._way.byte_s > 0  # the other end of a serial line knows nothing of opening
        for _ in range(2):  # turns of the loop in which pymodbus gets a serial line ready
            await asyncio.sleep(0)

    async def close(self) -> None:
        wire, self._wire = self._wire, None
        if wire is None:
            return
        if self._owed and not self._way.byte_s:
            cut(wire.transport)
        wire.close()
        wire.hush()
        await asyncio.sleep(0)  # the transport closes its socket in the next turn

    async def ask(self, request: ModbusPDU) -> ModbusPDU:
        """The answer, an exception response included. Raises `Silent` or `Lost`."""
        wire = self._wire
        if wire is None or wire.transport is None:
            raise Lost("the device closed the connection")
        if self._way.framer is FramerType.RTU:
            await self._clear(wire)
        loop = asyncio.get_running_loop()
        request.transaction_id = wire.getNextTID()
        wire.recv_buffer = b""
        wire.noise.clear()
        wire.response_future = loop.create_future()
        wire.expect(loop.time() + self._answer_s)
        self._owed = True
        try:
            wire.say(request)
            answer: ModbusPDU = await wire.response_future
        finally:
            wire.response_future.cancel()
        if answer.function_code & 0x7F != request.function_code:
            raise Lost(f"function {request.function_code} was asked, function {answer.function_code} answered")
        self._owed = False
        return answer

    async def _clear(self, wire: _Wire) -> None:
        """Frames of RTU carry no number: a late answer must pass before the next question, or it is taken for its own.

        It gets one more time-out to come. Then the silence that a frame needs before it.
        """
        loop = asyncio.get_running_loop()
        silence_s = self._way.silence_s
        if self._owed:
            silence_s, wire.babble = max(silence_s, _LATE_PIECES_S), 0
            with suppress(TimeoutError):
                async with asyncio.timeout(self._answer_s):
                    await wire.noise.wait()
            self._owed = False
        while (rest := self._quiet_s + silence_s - loop.time()) > 0:
            await asyncio.sleep(rest)
            if wire.babble > _LONGEST_REST:
                raise Lost("the line does not fall silent")

    def _note(self) -> None:
        self._quiet_s = asyncio.get_running_loop().time()
