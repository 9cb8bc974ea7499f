"""URLs of Modbus devices: `modbus-tcp://host:502/1`, `modbus-rtu:///dev/ttyUSB0?unit=7&baud=19200&parity=even`."""

import re

from pymodbus.framer import FramerType
from pymodbus.transport import CommParams, CommType

from devices.drivers.discovery import Discovery, ProbeLimits
from devices.drivers.modbus.driver import ModbusDriver, Settings
from devices.drivers.modbus.link import ModbusLink, Way
from devices.drivers.modbus.plan import MOST_BITS, MOST_GAP, MOST_REGISTERS, Limits
from devices.drivers.modbus.probe import Probe
from devices.drivers.reason import TargetError
from devices.drivers.target import Target, Timing
from devices.endpoint import Clock

PORT = 502  # IANA: mbap
_COMMON = ("unit", "gap", "registers", "bits", "write")
_TCP = (*_COMMON, "framing")
_RTU = (*_COMMON, "baud", "parity", "stop", "echo")
_PARITIES = {"none": "N", "even": "E", "odd": "O"}


def _settings(target: Target, unit: float) -> Settings:
    limits = Limits(
        int(target.number("registers", MOST_REGISTERS, 1, MOST_REGISTERS)),
        int(target.number("bits", MOST_BITS, 1, MOST_BITS)),
        int(target.number("gap", MOST_GAP, 0, MOST_REGISTERS)),
    )
    write = _one_of(target, "write", "single", ("single", "multiple"))
    return Settings(int(unit), limits, write == "multiple")


def _one_of(target: Target, option: str, default: str, choices: tuple[str, ...]) -> str:
    said = target.option(option, default)
    if said not in choices:
        raise TargetError(f"{target.url}: {option} is {said!r}; there are {', '.join(choices)}")
    return said


def _tcp(target: Target, timing: Timing) -> tuple[Way, Settings]:
    """The unit is in the path: `modbus-tcp://host/7`; without one it is 1."""
    target.known(*_TCP)
    path = re.fullmatch(r"/?(\d{0,3})/?", target.path)
    if path is None or not target.host:
        raise TargetError(f"{target.url}: write modbus-tcp://HOST:{PORT}/UNIT")
    rtu = _one_of(target, "framing", "tcp", ("tcp", "rtu")) == "rtu"
    params = CommParams(
        comm_name="driver", comm_type=CommType.TCP, reconnect_delay=0.0, timeout_connect=timing.open_s,
        host=target.host, port=target.port(PORT),
    )  # fmt: skip
    way = Way(params, FramerType.RTU if rtu else FramerType.SOCKET, f"{params.host}:{params.port}")
    unit = float(path[1]) if path[1] else target.number("unit", 1, 0, 255)
    if unit > 255:
        raise TargetError(f"{target.url}: unit {unit:g}; units end at 255")
    return way, _settings(target, unit)


def _rtu(target: Target, timing: Timing) -> tuple[Way, Settings]:
    target.known(*_RTU)
    device = target.path or target.host  # `modbus-rtu://COM3` on Windows
    if not device:
        raise TargetError(f"{target.url}: write modbus-rtu:///dev/ttyUSB0?unit=1&baud=19200&parity=even")
    baud = int(target.number("baud", 19_200, 300, 4_000_000))
    parity = _one_of(target, "parity", "even", tuple(_PARITIES))
    params = CommParams(
        comm_name="driver", comm_type=CommType.SERIAL, reconnect_delay=0.0, timeout_connect=timing.open_s,
        host=device, baudrate=baud, bytesize=8, parity=_PARITIES[parity],
        stopbits=int(target.number("stop", 1, 1, 2)),
        handle_local_echo=_one_of(target, "echo", "no", ("yes", "no")) == "yes",
    )  # fmt: skip
    way = Way(params, FramerType.RTU, device, 11 / baud)
    return way, _settings(target, target.number("unit", 1, 1, 247))


def _way(target: Target, timing: Timing) -> tuple[Way, Settings]:
    return (_rtu if target.scheme == "modbus-rtu" else _tcp)(target, timing)


def make(target: Target, timing: Timing, clock: Clock) -> ModbusDriver:
    del clock  # Modbus carries no time
    way, settings = _way(target, timing)
    return ModbusDriver(ModbusLink(way, timing.answer_s), settings)


async def discover(target: Target, timing: Timing, clock: Clock, limits: ProbeLimits) -> Discovery:
    way, settings = _way(target, timing)
    return await Probe(ModbusLink(way, timing.answer_s), settings.unit, settings.limits, limits, clock).run()
