"""What an engineer, and for reading an instructor, can ask about real devices: one small function per question."""

from collections.abc import Awaitable, Callable, Mapping

from controller.bench import Bench
from controller.bindings import commissioning
from controller.bindings.real_devices import RealDevices
from controller.bindings.station import MODES, Station
from controller.messages import LabError, Request
from controller.run import stamp
from devices.drivers import Device, Sample
from sim.inputs import Input
from sim.state import JsonValue

Work = Callable[[Bench, RealDevices, Request], JsonValue | Awaitable[JsonValue]]


def devices_of(bench: Bench) -> RealDevices:
    if bench.devices is None:
        raise LabError("no_binding", {"bench": bench.number})
    return bench.devices


def _word(request: Request, name: str) -> str:
    value = request.params.get(name)
    if not isinstance(value, str):
        raise LabError("params", {"missing": name})
    return value


def shown(bench: Bench) -> JsonValue:
    """Everything that the page shows; without a binding an empty picture."""
    found = bench.devices
    if found is None:
        return {"binding": None, "label": bench.run.label, "devices": [], "stations": [], "tags": []}
    now_s = bench.clock.monotonic()
    return {
        "binding": found.binding.name,
        "title": {"zh": found.binding.title.zh, "en": found.binding.title.en},
        "label": bench.run.label,
        "devices": [_device(device, found.binding.devices[name].url) for name, device in found.devices.items()],
        "stations": [_station(station, bench, now_s) for station in found.stations.values()],
        "tags": [
            {"tag": name, "mode": single.mode, "device": single.device.name,
             **_sample(single.device.latest(name), now_s), **_twin(bench, name)}
            for name, single in found.singles.items()
        ],
    }  # fmt: skip


def _device(device: Device, url: str) -> JsonValue:
    counters, latency = device.counters, device.counters.latency
    return {
        "name": device.name,
        "url": url.partition("@")[2] or url,  # no password on a page
        "state": device.state.value,
        "why": device.why,
        "requests": counters.requests,
        "values": counters.values,
        "writes": counters.writes,
        "errors": counters.errors,
        "connects": counters.connects,
        "losses": counters.losses,
        "latency_ms": None
        if latency is None
        else {"p50": round(latency.p50_s * 1e3, 2), "p99": round(latency.p99_s * 1e3, 2)},
    }


def _station(station: Station, bench: Bench, now_s: float) -> JsonValue:
    line, guard = bench.run.line, station.guard
    state = line.real(station.name)
    test = None if guard is None else guard.test
    return {
        "station": station.name,
        "device": station.device.name,
        "mode": station.mode,
        "armed": station.armed,
        "unconfirmed": bool(state and state.unconfirmed),
        "parts": [*line.parts_in(station.name)],
        "handover": None
        if state is None
        else {"expected": state.asked_ns >= 0, "present": state.present, "inside": [*state.inside], "done": state.done},
        "lost": station.lost,
        "takeover_s": station.takeover_s,
        "can_arm": guard is not None,
        "interlock": None if guard is None else {"text": guard.arming.interlock, "holds": guard.interlock.holds()},
        "lease": None if guard is None or guard.lease is None else {"by": guard.lease.by},
        "test": None
        if test is None or guard is None
        else {"passed": test.passed, "took_s": test.took_s, "within_s": test.within_s, "why": test.why,
              "valid": guard.tested()},
        "verdict": commissioning.verdict(station, now_s),
        "tags": [
            {**_sample(station.device.latest(name), now_s), **_twin(bench, name),
             **commissioning.figures(name, one, now_s)}
            for name, one in station.deviations.items()
        ],
        "outputs": [
            {"tag": name, "wanted": line.read(one.tag.index).value, "written": station.outputs.written.get(name)}
            for name, one in station.outputs.tags.items()
        ],
    }  # fmt: skip


def _sample(sample: Sample | None, now_s: float) -> dict[str, JsonValue]:
    age = None if sample is None else sample.age_s(now_s)
    return {
        "device_value": None if sample is None else sample.value,
        "quality": "bad" if sample is None else sample.quality.value,
        "why": "" if sample is None or sample.reason is None else str(sample.reason),
        "age_s": None if age is None else round(age, 2),
    }


def _twin(bench: Bench, name: str) -> dict[str, JsonValue]:
    """What the twin says, where the field's value comes from, and whether a fault bends it besides."""
    line = bench.run.line
    tag = line.tags.find(name)
    if tag is None:
        return {}
    return {"twin": line.truth(tag.index), "source": line.source(tag.index), "shown": line.read(tag.index).value}


async def _switch(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    mode = _word(request, "mode")
    if mode not in MODES:
        raise LabError("params", {"mode": mode, "known": [*MODES]})
    await devices.switch(_word(request, "of"), mode, request.by)
    return {}


async def _test(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    found = await devices.station(_word(request, "station")).test(request.by)
    return {"passed": found.passed, "took_s": found.took_s, "within_s": found.within_s, "why": found.why}


async def _arm(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    station = devices.station(_word(request, "station"))
    lease = await station.arm(request.by)
    return {"lease": lease.id, "seconds": station.bound.arming.lease_s if station.bound.arming else 0}


def _lease(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    devices.station(_word(request, "station")).renew(_word(request, "lease"))
    return {}


async def _disarm(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    await devices.station(_word(request, "station")).disarm("by hand", request.by)
    return {}


def _confirm(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    station, parts = _word(request, "station"), request.params.get("parts")
    devices.station(station)
    bench.give(Input("confirm_parts", {"station": station, "parts": parts}), request.by)
    return {}


def _force(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    bench.give(Input("force", {"tag": _word(request, "tag"), "value": request.params.get("value")}), request.by)
    return {}


def _audit(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    rows: list[JsonValue] = [*reversed(devices.audit.latest)]
    return rows


def _commissioning(bench: Bench, devices: RealDevices, request: Request) -> JsonValue:
    found = commissioning.report(
        devices.stations.values(), bench.clock.monotonic(), stamp(bench.clock.utc()), bench.run.folder_name
    )
    return {**found, "markdown": commissioning.markdown(found, request.params.get("lang") == "zh")}


WORK: Mapping[str, Work] = {
    "device_mode": _switch,
    "device_test": _test,
    "device_arm": _arm,
    "device_lease": _lease,
    "device_disarm": _disarm,
    "device_confirm": _confirm,
    "device_force": _force,
    "device_audit": _audit,
    "commissioning": _commissioning,
}
