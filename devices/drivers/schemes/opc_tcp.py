"""`opc.tcp://192.168.0.1:4840`: OPC UA servers, with or without security, through asyncua.

Options: `mode` is `subscribe` or `read`; `policy`, `security`, `certificates`; `user`, `password`.
"""

from devices.drivers.discovery import Discovery, ProbeLimits
from devices.drivers.driver import Driver
from devices.drivers.opcua.browse import discover
from devices.drivers.opcua.driver import Asking, Listening
from devices.drivers.opcua.security import OPTIONS, entry
from devices.drivers.opcua.session import Session
from devices.drivers.reason import TargetError
from devices.drivers.target import Kind, Target, Timing
from devices.endpoint import Clock


def _session(target: Target, timing: Timing, clock: Clock) -> Session:
    target.known(*OPTIONS)
    return Session(entry(target, clock), timing.answer_s)


def _make(target: Target, timing: Timing, clock: Clock) -> Driver:
    mode = target.option("mode", "subscribe")
    if mode not in ("subscribe", "read"):
        raise TargetError(f"{target.scheme}://{target.host}: there is no mode {mode!r}; there are subscribe and read")
    session = _session(target, timing, clock)
    return Asking(session) if mode == "read" else Listening(session, timing.answer_s)


async def _discover(target: Target, timing: Timing, clock: Clock, limits: ProbeLimits) -> Discovery:
    return await discover(_session(target, timing, clock), limits)


KIND = Kind("opc.tcp", _make, _discover)
