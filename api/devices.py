"""The engineer's routes: real devices in place of simulated ones. Translates; every decision is the lab's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api import devices_models as shapes
from api import models
from api.access import Caller, allow
from api.asking import PROBLEMS, Bench, Engineer, ask, do, rows
from api.once import OnceRoute
from devices.endpoint import Role
from sim.state import JsonValue

router = APIRouter(prefix="/api", route_class=OnceRoute, responses=PROBLEMS)
Staff = Annotated[Caller, Depends(allow(Role.INSTRUCTOR, Role.ENGINEER))]


@router.get("/benches/{n}/devices")
async def devices(request: Request, caller: Staff, n: Bench) -> shapes.Devices:
    """Connections, stations, deviations of the twin, and where each value comes from."""
    return shapes.Devices.model_validate(await ask(request, caller, "devices"))


@router.post("/benches/{n}/devices/mode")
async def mode(request: Request, caller: Engineer, n: Bench, body: shapes.Switch) -> models.Done:
    """Switch a station or a single tag on the running line: simulated, shadow or real."""
    return await do(request, caller, "device_mode", body.model_dump())


@router.post("/benches/{n}/devices/test")
async def arming_test(request: Request, caller: Engineer, n: Bench, body: shapes.StationName) -> shapes.TestResult:
    """Stop counting, and see whether the device goes to its safe state in time."""
    return shapes.TestResult.model_validate(await ask(request, caller, "device_test", body.model_dump()))


@router.post("/benches/{n}/devices/arm")
async def arm(request: Request, caller: Engineer, n: Bench, body: shapes.StationName) -> shapes.Lease:
    """Let outputs move the device, for as long as the lease is renewed."""
    return shapes.Lease.model_validate(await ask(request, caller, "device_arm", body.model_dump()))


@router.post("/benches/{n}/devices/lease")
async def lease(request: Request, caller: Engineer, n: Bench, body: shapes.Heartbeat) -> models.Done:
    """The heartbeat of a lease."""
    return await do(request, caller, "device_lease", body.model_dump())


@router.post("/benches/{n}/devices/disarm")
async def disarm(request: Request, caller: Engineer, n: Bench, body: shapes.StationName) -> models.Done:
    """Safe state, and nothing more."""
    return await do(request, caller, "device_disarm", body.model_dump())


@router.post("/benches/{n}/devices/confirm")
async def confirm(request: Request, caller: Engineer, n: Bench, body: shapes.Confirm) -> models.Done:
    """Say which parts are really in the station; all others are taken off the twin."""
    parts: list[JsonValue] = [*body.parts]
    return await do(request, caller, "device_confirm", {"station": body.station, "parts": parts})


@router.post("/benches/{n}/devices/force")
async def force(request: Request, caller: Engineer, n: Bench, body: shapes.Force) -> models.Done:
    """Force what an input or status says; without a value no more."""
    return await do(request, caller, "device_force", body.model_dump())


@router.get("/benches/{n}/devices/audit")
async def audit(request: Request, caller: Engineer, n: Bench) -> list[shapes.AuditEntry]:
    """The latest entries of the audit log, newest first; all are in `audit.jsonl` of the run."""
    return [shapes.AuditEntry.model_validate(row) for row in rows(await ask(request, caller, "device_audit"))]


@router.get("/benches/{n}/devices/commissioning")
async def commissioning(
    request: Request, caller: Engineer, n: Bench, lang: Annotated[models.Language, Query()] = "en"
) -> shapes.Commissioning:
    """Whether twin and device agree, tag by tag; `markdown` is the same to print."""
    return shapes.Commissioning.model_validate(await ask(request, caller, "commissioning", {"lang": lang}))
