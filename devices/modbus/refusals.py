"""Refusals in the words of Modbus: which exception code a client is answered with."""

from pymodbus.constants import ExcCodes

from sim.refusal import Refusal

# The table of DESIGN; FORBIDDEN is a matter of who asks, like NOT_OWNER, and UNKNOWN of what, like READ_ONLY.
EXCEPTIONS = {
    Refusal.UNKNOWN: ExcCodes.ILLEGAL_ADDRESS,
    Refusal.READ_ONLY: ExcCodes.ILLEGAL_ADDRESS,
    Refusal.RANGE: ExcCodes.ILLEGAL_VALUE,
    Refusal.TYPE: ExcCodes.ILLEGAL_VALUE,
    Refusal.NOT_OWNER: ExcCodes.DEVICE_FAILURE,
    Refusal.FORBIDDEN: ExcCodes.DEVICE_FAILURE,
    Refusal.PAUSED: ExcCodes.DEVICE_BUSY,
    Refusal.STATE: ExcCodes.DEVICE_BUSY,
    Refusal.OFFLINE: ExcCodes.GATEWAY_NO_RESPONSE,
}


class Denied(Exception):
    """A request that is answered with an exception code. `by_line`: the line refused it and has recorded that."""

    def __init__(self, code: ExcCodes, by_line: bool = False) -> None:
        super().__init__(code, by_line)
        self.code = code
        self.by_line = by_line
