"""What can be asked of a bench over the channel: one small function per operation, with the roles that it serves.

The api process has checked roles already; this table is the second lock, and the one list of all operations.
"""

import asyncio
import json
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from controller import address_files, certificates, maintenance
from controller.alarms import operations as alarms
from controller.alarms.board import AlarmBoard
from controller.bench import Bench
from controller.bindings import operations as real_devices
from controller.feeds import value_row
from controller.messages import LabError, Request
from controller.settings import Settings
from controller.training import operations as training
from controller.training.active import active
from controller.training.desk import TrainingDesk
from devices.address_map import AddressMap, exports
from devices.certificates import CertificateStore
from devices.endpoint import Role, Wire
from devices.modbus import ClientDiagnosis, ModbusEndpoint
from sim.components import KINDS
from sim.report import ComponentReport
from sim.state import JsonValue, dump

EVERYBODY = frozenset({Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER})
INSTRUCTOR = frozenset({Role.INSTRUCTOR})
ENGINEER = frozenset({Role.ENGINEER})
STAFF = INSTRUCTOR | ENGINEER


@dataclass(slots=True)
class Desk:
    """A bench with what does not change about it, ready to be asked."""

    bench: Bench
    addresses: AddressMap
    settings: Settings
    slow_work: asyncio.Lock = field(default_factory=asyncio.Lock)  # one at a time, whoever asks
    training: TrainingDesk = field(init=False)

    def __post_init__(self) -> None:
        self.training = TrainingDesk(self.bench, self.settings.data, self.settings.content)


Answer = Callable[[Desk, Request], JsonValue | Awaitable[JsonValue]]


@dataclass(frozen=True, slots=True)
class Operation:
    roles: frozenset[Role]
    answer: Answer


def _text(request: Request, name: str) -> str:
    value = request.params.get(name)
    if not isinstance(value, str):
        raise LabError("params", {"missing": name})
    return value


def _flag(request: Request, name: str) -> bool:
    value = request.params.get(name)
    if not isinstance(value, bool):
        raise LabError("params", {"missing": name})
    return value


def _number(request: Request, name: str) -> float | None:
    value = request.params.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _info(desk: Desk, request: Request) -> JsonValue:
    told = desk.bench.info()
    if request.role not in STAFF:
        del told["label"]  # what is real is the staff's business
    return told


def _tags(desk: Desk, request: Request) -> JsonValue:
    places = json.loads(exports.json(desk.addresses))["tags"]
    keys = ("iec_address", "modbus", "opcua", "mqtt")
    return [
        {
            "index": tag.index,
            "name": tag.name,
            "station": tag.station,
            "signal": tag.signal,
            "type": tag.type.value,
            "direction": tag.direction.value,
            "title": {"zh": tag.title.zh, "en": tag.title.en},
            "unit": tag.unit,
            "low": tag.low,
            "high": tag.high,
            "decimals": tag.decimals,
            "momentary": tag.momentary,
            "address": {key: place[key] for key in keys},
        }
        for tag, place in zip(desk.bench.view.tags, places, strict=True)
    ]


def _map(desk: Desk, request: Request) -> Awaitable[JsonValue]:
    return address_files.made(desk.bench, desk.addresses, desk.settings, request.params, desk.slow_work)


def _layout(desk: Desk, request: Request) -> JsonValue:
    return desk.bench.run.line.layout()


def _components(desk: Desk, request: Request) -> JsonValue:
    return [_component(found) for found in desk.bench.run.line.components()]


def _component(found: ComponentReport) -> JsonValue:
    """Its figures, and what its states and its cycle are called."""
    kind = KINDS[found.kind]
    return {
        "name": found.name,
        "kind": found.kind,
        "cycles": found.cycles,
        "time_in_state_s": dict(found.time_in_state_s),
        "states": {state.name: dump(state.title) for state in kind.states},
        "cycle": dump(kind.cycle),
    }


def _values(desk: Desk, request: Request) -> JsonValue:
    return [value_row(desk.bench, index) for index in range(len(desk.bench.view.tags))]


def _wires(desk: Desk, request: Request) -> JsonValue:
    return desk.bench.wires()


def _modbus(desk: Desk, request: Request) -> JsonValue:
    """What each Modbus client asked, and what looks wrong about it."""
    endpoint = desk.bench.endpoints.get(Wire.MODBUS)
    return [_client(found) for found in endpoint.diagnosis()] if isinstance(endpoint, ModbusEndpoint) else []


def _client(found: ClientDiagnosis) -> JsonValue:
    return {
        "client": found.client,
        "way": found.way,
        "seconds": round(found.seconds, 1),
        "requests": {str(code): count for code, count in found.requests.items()},
        "exceptions": {str(code): count for code, count in found.exceptions.items()},
        "units": list(found.units),
        "last": [
            {
                "seconds_ago": round(ago, 1),
                "unit": asked.unit,
                "function": asked.function,
                "address": asked.address,
                "count": asked.count,
                "exception": asked.exception,
                "zeros": asked.zeros,
            }
            for ago, asked in found.last
        ],
        "hints": [{"zh": hint.zh, "en": hint.en} for hint in found.hints],
    }


def _pressed(request: Request) -> bool | int:
    """A button: true or false. A switch: its position."""
    value = request.params.get("pressed")
    if not isinstance(value, int):
        raise LabError("params", {"missing": "pressed"})
    return value


def _panel(desk: Desk, request: Request) -> JsonValue:
    desk.bench.panel(_text(request, "station"), _text(request, "element"), _pressed(request), request.by)
    return {}


def _key(desk: Desk, request: Request) -> JsonValue:
    desk.bench.key(_text(request, "station"), _text(request, "control"), request.by)
    return {}


def _jog(desk: Desk, request: Request) -> JsonValue:
    desk.bench.jog(_text(request, "tag"), request.params.get("value"), request.by)
    return {}


def _write(desk: Desk, request: Request) -> JsonValue:
    desk.bench.write(_text(request, "tag"), request.params.get("value"), request.by)
    return {}


def _remove_part(desk: Desk, request: Request) -> JsonValue:
    part = request.params.get("part")
    if not isinstance(part, int) or isinstance(part, bool):
        raise LabError("params", {"missing": "part"})
    desk.bench.remove_part(part, request.by)
    return {}


def _operator(desk: Desk, request: Request) -> JsonValue:
    desk.bench.operator(_flag(request, "on"), request.by)
    return {}


async def _clock(desk: Desk, request: Request) -> JsonValue:
    action = _text(request, "action")
    if action == "freeze":
        desk.bench.freeze(request.by)
    elif action == "run":
        speed = _number(request, "speed")
        if speed is not None and not 0.1 <= speed <= 20.0:
            raise LabError("range", {"speed": speed})
        desk.bench.go_on(request.by, speed)
    elif action == "step":
        seconds = None if request.params.get("by") == "event" else _number(request, "seconds") or 1.0
        await desk.bench.step(request.by, seconds)
    else:
        raise LabError("params", {"action": action, "known": ["freeze", "run", "step"]})
    return desk.bench.info()["clock"]


async def _reset(desk: Desk, request: Request) -> JsonValue:
    await desk.bench.reset(request.by)
    return {}


def _faults(desk: Desk, request: Request) -> JsonValue:
    return {"catalogue": desk.bench.shelf.rows(), "active": active(desk.bench)["active"]}


def _fault(desk: Desk, request: Request) -> JsonValue:
    own = {name: value for name, value in request.params.items() if name not in ("fault", "target")}
    return {"id": desk.bench.fault(_text(request, "fault"), _text(request, "target"), own, request.by)}


def _end_fault(desk: Desk, request: Request) -> JsonValue:
    desk.bench.end_fault(_text(request, "id"), request.by)
    return {}


def _alarm(desk: Desk, request: Request) -> JsonValue:
    desk.bench.alarm(alarms.ask(request), request.role, request.by)
    return {}


def _maintenance(desk: Desk, request: Request) -> JsonValue:
    return maintenance.overview(desk.bench)


def _maintenance_log(desk: Desk, request: Request) -> JsonValue:
    return maintenance.log(desk.bench, request.role)


def _maintain(desk: Desk, request: Request) -> JsonValue:
    return maintenance.maintain(desk.bench, request)


def _lock(desk: Desk, request: Request) -> JsonValue:
    return maintenance.lock(desk.bench, request)


def _of_alarms(read: Callable[[AlarmBoard, Request], JsonValue]) -> Answer:
    return lambda desk, request: read(desk.bench.alarms, request)


def _of_training(work: training.Answer) -> Answer:
    return lambda desk, request: work(desk.training, request)


def _of_devices(work: real_devices.Work) -> Answer:
    return lambda desk, request: work(desk.bench, real_devices.devices_of(desk.bench), request)


def _of_certificates(work: Callable[[CertificateStore, Mapping[str, JsonValue]], JsonValue]) -> Answer:
    def answer(desk: Desk, request: Request) -> JsonValue:
        bench = desk.bench
        try:
            return work(certificates.certificate_store(desk.settings, bench.number, bench.clock), request.params)
        except (OSError, ValueError) as error:  # the folder is not ours to write, or a file is spoilt
            raise LabError("certificates", {"why": str(error)}) from error

    return answer


def _system(desk: Desk, request: Request) -> JsonValue:
    lag = desk.bench.run.pacer.lag
    return {
        "pid": os.getpid(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "loop_lag_ms": {
            "p50": round(lag.p50_s * 1000, 3),
            "p99": round(lag.p99_s * 1000, 3),
            "worst": round(lag.worst_s * 1000, 3),
        },
        "memory_mb": _memory_mb(),
        "data": str(desk.settings.data),
        "run": desk.bench.run.folder_name,
    }


def _memory_mb() -> float | None:
    """Largest resident size of this process so far, None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource  # there is none on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


OPERATIONS: Mapping[str, Operation] = {
    "info": Operation(EVERYBODY, _info),
    "tags": Operation(EVERYBODY, _tags),
    "map": Operation(EVERYBODY, _map),
    "layout": Operation(EVERYBODY, _layout),
    "components": Operation(INSTRUCTOR, _components),
    "values": Operation(EVERYBODY, _values),
    "wires": Operation(EVERYBODY, _wires),
    "modbus": Operation(EVERYBODY, _modbus),
    "panel": Operation(EVERYBODY, _panel),
    "key": Operation(EVERYBODY, _key),
    "jog": Operation(EVERYBODY, _jog),
    "write": Operation(EVERYBODY, _write),
    "remove_part": Operation(EVERYBODY, _remove_part),
    "operator": Operation(INSTRUCTOR, _operator),
    "clock": Operation(INSTRUCTOR, _clock),
    "reset": Operation(INSTRUCTOR, _reset),
    "faults": Operation(INSTRUCTOR, _faults),
    "fault": Operation(INSTRUCTOR, _fault),
    "end_fault": Operation(INSTRUCTOR, _end_fault),
    "system": Operation(ENGINEER, _system),
    "maintenance": Operation(EVERYBODY, _maintenance),
    "maintenance_log": Operation(EVERYBODY, _maintenance_log),
    "maintain": Operation(EVERYBODY, _maintain),
    "lock": Operation(EVERYBODY, _lock),
    "alarm": Operation(EVERYBODY, _alarm),
    **{op: Operation(INSTRUCTOR, _of_training(work)) for op, work in training.TRAINING.items()},
    "devices": Operation(STAFF, lambda desk, request: real_devices.shown(desk.bench)),
    **{op: Operation(ENGINEER, _of_devices(work)) for op, work in real_devices.WORK.items()},
    **{op: Operation(ENGINEER, _of_certificates(work)) for op, work in certificates.WORK.items()},
    **{op: Operation(EVERYBODY, _of_alarms(read)) for op, read in alarms.READING.items()},
}


async def answer(desk: Desk, request: Request) -> JsonValue:
    """Do what is asked. Raises `LabError`."""
    operation = OPERATIONS.get(request.op)
    if operation is None:
        raise LabError("unknown", {"op": request.op})
    if request.role not in operation.roles:
        raise LabError("forbidden", {"op": request.op})
    result = operation.answer(desk, request)
    return await result if isinstance(result, Awaitable) else result
