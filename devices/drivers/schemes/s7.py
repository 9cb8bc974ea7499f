"""`s7://192.168.0.1:102?rack=0&slot=1`: Siemens S7 controllers, through python-snap7."""

from devices.drivers.discovery import Discovery, ProbeLimits
from devices.drivers.driver import Driver
from devices.drivers.reason import TargetError
from devices.drivers.s7.driver import S7Driver
from devices.drivers.s7.link import S7Link
from devices.drivers.s7.probe import discover
from devices.drivers.target import Kind, Target, Timing
from devices.endpoint import Clock

PORT = 102  # ISO on TCP, RFC 1006


def _link(target: Target, timing: Timing) -> S7Link:
    target.known("rack", "slot")
    if not target.host:
        raise TargetError(f"{target.url}: names no host; s7://192.168.0.1 does")
    rack, slot = (
        int(target.number(name, default, 0, most)) for name, default, most in (("rack", 0, 7), ("slot", 1, 31))
    )
    return S7Link(target.host, target.port(PORT), rack, slot, timing.answer_s)


def _make(target: Target, timing: Timing, _clock: Clock) -> Driver:
    return S7Driver(_link(target, timing))


async def _discover(target: Target, timing: Timing, _clock: Clock, limits: ProbeLimits) -> Discovery:
    return await discover(_link(target, timing), limits)


KIND = Kind("s7", _make, _discover)
