"""What a link fault makes a Modbus device do with a request: another unit, an exception, moved or turned registers.

Asked only while something is wrong. A table of small doings: each lets a request pass, perhaps with another image to
answer it from, or answers it itself, or is silent. What they do is on record like any request.
"""

from collections.abc import Callable
from dataclasses import replace

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from devices.address_map import WordOrder
from devices.dice import Dice
from devices.modbus.functions import Session, on_record
from devices.modbus.other_images import EmptyImage, ShiftedImage
from sim.link_faults import LinkState

SILENT, BROADCAST = None, 0
Said = Session | ModbusPDU | None  # pass it on to this, answer it with this, or say nothing


def misbehave(session: Session, state: LinkState, dice: Dice, unit: int, pdu: bytes) -> Said:
    """The session that shall answer this request, or what is said in its place; None where nothing is said."""
    said: Said = session
    for doing in DOINGS:
        if not isinstance(said, Session):
            break
        said = doing(said, state, dice, unit, pdu)
    return said


def _another_unit(session: Session, state: LinkState, dice: Dice, unit: int, pdu: bytes) -> Said:
    if unit == state.unit or not state.unit or unit == BROADCAST:
        return session
    if not state.unit_gateway:
        on_record(session, unit, pdu, 0)
        return SILENT
    return _exception(session, unit, pdu, ExcCodes.GATEWAY_NO_RESPONSE)


def _an_exception(session: Session, state: LinkState, dice: Dice, unit: int, pdu: bytes) -> Said:
    if not dice.excepts():
        return session
    return _exception(session, unit, pdu, state.exception)


def _exception(session: Session, unit: int, pdu: bytes, code: int) -> ModbusPDU:
    session.note("refused", f"fc{pdu[0]} {pdu[1:5].hex()} exception {code}")
    on_record(session, unit, pdu, code)
    return ExceptionResponse(pdu[0], code)


def _second_device(session: Session, state: LinkState, dice: Dice, unit: int, pdu: bytes) -> Said:
    if not (state.second_device and session.second):
        return session
    return replace(session, image=EmptyImage(session.image), identity=STRANGER)


def _other_order(session: Session, state: LinkState, dice: Dice, unit: int, pdu: bytes) -> Said:
    return replace(session, image=session.image.in_order(WordOrder(state.word_order))) if state.word_order else session


def _shifted(session: Session, state: LinkState, dice: Dice, unit: int, pdu: bytes) -> Said:
    return replace(session, image=ShiftedImage(session.image, state.shift)) if state.shift else session


DOINGS: tuple[Callable[[Session, LinkState, Dice, int, bytes], Said], ...] = (
    _another_unit, _an_exception, _second_device, _other_order, _shifted,
)  # fmt: skip
STRANGER = {0: b"Unknown", 1: b"IO-16", 2: b"1.0"}  # what the second device says of itself (function 43/14)
