"""The function codes: one small function each, from a decoded request to its answer. Knows no socket.

The PDU classes are pymodbus'; their `datastore_update` is not used, because it answers a coil that reads false again
with false (a client takes that for a failure), writes before it has checked what is to be read (FC23) and says
function 0x80 for a request that it cannot decode.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu import bit_message as bits
from pymodbus.pdu import register_message as registers
from pymodbus.pdu.mei_message import ReadDeviceInformationRequest

from devices.address_map import Table
from devices.endpoint import Client, LineView
from devices.modbus.identity import identify
from devices.modbus.image import Plan, RegisterImage
from devices.modbus.record import Asked, Record
from devices.modbus.refusals import EXCEPTIONS, Denied

_MEI = 0x2B
_READS = frozenset({1, 2, 3, 4, 23})
_SINGLE = frozenset({5, 6, 22})
_ADDRESSED = _READS | _SINGLE | {15, 16}
_DEVICE_IDENTIFICATION = 0x0E


@dataclass(frozen=True, slots=True)
class Session:
    """What a request is answered from: the image, and who asks."""

    view: LineView
    image: RegisterImage
    client: Client
    identity: dict[int, bytes]
    record: Record
    second: bool = False  # it came to another device, should there be one with the same address

    def note(self, verb: str, subject: str) -> None:
        self.view.note(self.client, verb, subject)

    def write(self, plan: Plan) -> None:
        """One request of the line, whole or not at all; the first refusal in order of address is the answer."""
        refused = next(filter(None, self.view.request(self.client, plan)), None)
        if refused:
            raise Denied(EXCEPTIONS[refused], by_line=True)


def answer(session: Session, unit: int, pdu: bytes) -> ModbusPDU:
    """The response to one request, or the exception that it earns; either is on record."""
    response = _answer(session, pdu)
    exception = response.exception_code if isinstance(response, ExceptionResponse) else 0
    zeros = pdu[0] in _READS and not exception and not any(response.bits) and not any(response.registers)
    on_record(session, unit, pdu, exception, zeros)
    return response


def on_record(session: Session, unit: int, pdu: bytes, exception: int, zeros: bool = False) -> None:
    """A request and how it ended."""
    address, count = _stretch(pdu)
    at_s = session.view.clock.monotonic()
    session.record.add(Asked(at_s, unit, pdu[0], address, count, exception, zeros))


def _stretch(pdu: bytes) -> tuple[int, int]:
    """Address and count of a request, as far as it says them."""
    if pdu[0] not in _ADDRESSED or len(pdu) < 5:
        return 0, 0
    single = pdu[0] in _SINGLE
    return _word(pdu, 1), 1 if single else _word(pdu, 3)


def _answer(session: Session, pdu: bytes) -> ModbusPDU:
    code = pdu[0]
    try:
        function = _FUNCTIONS.get(code)
        if function is None:
            raise Denied(ExcCodes.ILLEGAL_FUNCTION)
        return function.respond(session, function.decode(pdu[1:]))
    except Denied as denied:
        if not denied.by_line:
            session.note("refused", f"fc{code} {pdu[1:5].hex()} exception {denied.code}")
        return ExceptionResponse(code, denied.code)


def _bits(session: Session, request: ModbusPDU) -> ModbusPDU:
    table, response = _BIT_READS[request.function_code]
    values = session.image.read_bits(table, request.address, request.count)
    session.note("read", f"fc{request.function_code} {request.address}+{request.count}")
    return response(bits=values)


def _words(session: Session, request: ModbusPDU) -> ModbusPDU:
    table, response = _WORD_READS[request.function_code]
    values = session.image.read_words(table, request.address, request.count)
    session.note("read", f"fc{request.function_code} {request.address}+{request.count}")
    return response(registers=values)


def _write_coils(session: Session, request: ModbusPDU) -> ModbusPDU:
    session.write(session.image.plan_bits(request.address, request.bits))
    if isinstance(request, bits.WriteSingleCoilRequest):
        return bits.WriteSingleCoilResponse(address=request.address, bits=request.bits)
    return bits.WriteMultipleCoilsResponse(address=request.address, count=request.count)


def _write_registers(session: Session, request: ModbusPDU) -> ModbusPDU:
    session.write(session.image.plan_words(request.address, request.registers))
    if isinstance(request, registers.WriteSingleRegisterRequest):
        return registers.WriteSingleRegisterResponse(address=request.address, registers=request.registers)
    return registers.WriteMultipleRegistersResponse(address=request.address, count=request.count)


def _mask(session: Session, request: ModbusPDU) -> ModbusPDU:
    if not isinstance(request, registers.MaskWriteRegisterRequest):
        raise TypeError(request)
    address, keep, put = request.address, request.and_mask, request.or_mask
    present = session.image.read_words(Table.HOLDING_REGISTER, address, 1)[0]
    session.write(session.image.plan_words(address, [present & keep | put & ~keep & 0xFFFF]))
    return registers.MaskWriteRegisterResponse(address, keep, put)


def _write_and_read(session: Session, request: ModbusPDU) -> ModbusPDU:
    """Writes first, then reads; a range that cannot be read is found out before anything is written."""
    if not isinstance(request, registers.ReadWriteMultipleRegistersRequest):
        raise TypeError(request)
    start, count = request.read_address, request.read_count
    session.image.check_words(start, count)
    session.write(session.image.plan_words(request.write_address, request.write_registers))
    values = session.image.read_words(Table.HOLDING_REGISTER, start, count)
    session.note("read", f"fc23 {start}+{count}")
    return registers.ReadWriteMultipleRegistersResponse(registers=values)


def _identify(session: Session, request: ModbusPDU) -> ModbusPDU:
    if not isinstance(request, ReadDeviceInformationRequest):
        raise TypeError(request)
    response = identify(request, session.identity)
    session.note("read", "fc43/14")
    return response


def _sized(size: int) -> Callable[[bytes], bool]:
    return lambda body: len(body) == size


def _counted(most: int) -> Callable[[bytes], bool]:
    """A read: address and count."""
    return lambda body: len(body) == 4 and 1 <= _word(body, 2) <= most


def _coil(body: bytes) -> bool:
    return len(body) == 4 and body[2:] in (b"\xff\0", b"\0\0")


def _block(bits_each: int, most: int) -> Callable[[bytes], bool]:
    """A write of several: address, count, number of bytes, bytes."""

    def fits(body: bytes) -> bool:
        if len(body) < 5:
            return False
        count = _word(body, 2)
        return 1 <= count <= most and (count * bits_each + 7) // 8 == body[4] == len(body) - 5

    return fits


def _read_write(body: bytes) -> bool:
    return _counted(125)(body[:4]) and _block(16, 121)(body[4:])


def _word(body: bytes, at: int) -> int:
    return body[at] << 8 | body[at + 1]


class Function(NamedTuple):
    """A function code: how its body must look, which PDU it is, who answers it. Limits: specification 6."""

    fits: Callable[[bytes], bool]
    request: type[ModbusPDU]
    respond: Callable[[Session, ModbusPDU], ModbusPDU]

    def decode(self, body: bytes) -> ModbusPDU:
        if self.request is ReadDeviceInformationRequest and body[:1] != bytes([_DEVICE_IDENTIFICATION]):
            raise Denied(ExcCodes.ILLEGAL_FUNCTION)  # another encapsulated interface
        if not self.fits(body):
            raise Denied(ExcCodes.ILLEGAL_VALUE)
        request = self.request()
        try:
            request.decode(body)
        except (ModbusException, ValueError, IndexError, struct.error):
            raise Denied(ExcCodes.ILLEGAL_VALUE) from None
        return request


_BIT_READS: dict[int, tuple[Table, type[ModbusPDU]]] = {
    1: (Table.COIL, bits.ReadCoilsResponse),
    2: (Table.DISCRETE_INPUT, bits.ReadDiscreteInputsResponse),
}
_WORD_READS: dict[int, tuple[Table, type[ModbusPDU]]] = {
    3: (Table.HOLDING_REGISTER, registers.ReadHoldingRegistersResponse),
    4: (Table.INPUT_REGISTER, registers.ReadInputRegistersResponse),
}
_FUNCTIONS: dict[int, Function] = {
    1: Function(_counted(2000), bits.ReadCoilsRequest, _bits),
    2: Function(_counted(2000), bits.ReadDiscreteInputsRequest, _bits),
    3: Function(_counted(125), registers.ReadHoldingRegistersRequest, _words),
    4: Function(_counted(125), registers.ReadInputRegistersRequest, _words),
    5: Function(_coil, bits.WriteSingleCoilRequest, _write_coils),
    6: Function(_sized(4), registers.WriteSingleRegisterRequest, _write_registers),
    15: Function(_block(1, 1968), bits.WriteMultipleCoilsRequest, _write_coils),
    16: Function(_block(16, 123), registers.WriteMultipleRegistersRequest, _write_registers),
    22: Function(_sized(6), registers.MaskWriteRegisterRequest, _mask),
    23: Function(_read_write, registers.ReadWriteMultipleRegistersRequest, _write_and_read),
    _MEI: Function(_sized(3), ReadDeviceInformationRequest, _identify),
}
