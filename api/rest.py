"""The REST routes: what a page can do, a script can do. Translates; every decision is the lab's.

Every route names its roles by `allow`; `tests/api/test_roles.py` tries every token on every route.
"""

import hashlib
import json
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import devices, models, training
from api import maintenance_models as work
from api.access import COOKIE, address, same_origin
from api.asking import OPEN, PROBLEMS, Anyone, Bench, Engineer, Instructor, ask, do, rows
from api.export import EXPORTS, export
from api.lab import Tokens
from api.once import OnceRoute
from api.problem import Problem
from api.session import LIFE_S, Guesses, Sessions
from api.version import VERSION
from sim.state import JsonValue

router = APIRouter(prefix="/api", route_class=OnceRoute, responses=PROBLEMS)

NO_LOGIN: dict[str, JsonValue] = {"user": None, "password": None}

Serial = Annotated[int, Path(ge=0, le=2**53)]
FaultName = Annotated[str, Path(min_length=1, max_length=64)]
AlarmName = Annotated[str, Path(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$", max_length=90, description="`station.alarm`")]
Thumbprint = Annotated[str, Path(pattern=r"^[0-9a-f]{40}$", description="SHA-1 of the certificate, in hex")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Hours = Annotated[float | None, Query(gt=0, le=1000)]
StaleHours = Annotated[float, Query(gt=0, le=1000)]
Word = Annotated[str, Query(max_length=90)]


def journal_filter(
    station: Word = "",
    alarm: Word = "",
    what: Word = "",
    priority: Word = "",
    since: Word = "",
    until: Word = "",
    least_severity: Annotated[int, Query(ge=0, le=1000)] = 0,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> dict[str, JsonValue]:
    """Which rows of the alarm journal; times are UTC as the journal writes them."""
    return {
        "station": station, "alarm": alarm, "what": what, "priority": priority, "since": since, "until": until,
        "least_severity": least_severity, "after": after,
    }  # fmt: skip


Journal = Annotated[dict[str, JsonValue], Depends(journal_filter)]


@router.get("/health", dependencies=[OPEN])
async def health() -> models.Health:
    """Whether the API answers; says nothing of the lines."""
    return models.Health(ok=True, version=VERSION)


@router.post("/login", dependencies=[OPEN])
async def login(request: Request, response: Response, body: models.Login) -> models.Me:
    """Open a session of twelve hours, kept by a cookie that scripts cannot read."""
    guesses = cast(Guesses, request.app.state.guesses)
    if "origin" in request.headers and not same_origin(request):
        raise Problem(403, "origin")
    if guesses.exhausted(address(request)):
        raise Problem(429, "rate")
    grant = cast(Tokens, request.app.state.tokens).find(body.token.strip())
    if grant is None:
        guesses.wrong(address(request))
        raise Problem(401, "token")
    session = cast(Sessions, request.app.state.sessions).begin(grant)
    response.set_cookie(
        COOKIE, session.id, max_age=int(LIFE_S), httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return models.Me(bench=grant.bench, role=grant.role)


@router.post("/logout")
async def logout(request: Request, response: Response, caller: Anyone) -> models.Done:
    """End the session, and the WebSockets that it opened."""
    if caller.session is not None:
        cast(Sessions, request.app.state.sessions).end(caller.session.id)
        request.app.state.relay.end_session(caller.session)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return models.Done()


@router.get("/me")
async def me(caller: Anyone) -> models.Me:
    """Which bench and role the token or the session is for."""
    return models.Me(bench=caller.grant.bench, role=caller.role)


@router.get("/benches")
async def benches(request: Request, caller: Anyone) -> list[models.BenchInfo]:
    """The benches of the caller: one, for a token is for one bench."""
    return [models.BenchInfo.model_validate(await ask(request, caller, "info"))]


@router.get("/benches/{n}")
async def bench(request: Request, caller: Anyone, n: Bench) -> models.BenchInfo:
    """Line, clock, who is in control of each station, wires."""
    return models.BenchInfo.model_validate(await ask(request, caller, "info"))


@router.get("/benches/{n}/tags")
async def tags(request: Request, caller: Anyone, n: Bench) -> list[models.TagInfo]:
    """Every tag with its titles, range and addresses."""
    return [models.TagInfo.model_validate(row) for row in rows(await ask(request, caller, "tags"))]


@router.get("/benches/{n}/values")
async def values(request: Request, caller: Anyone, n: Bench) -> list[models.ValueRow]:
    """The present value of every tag: `[[index, value, quality], ...]`."""
    return cast(list[models.ValueRow], await ask(request, caller, "values"))


@router.get("/benches/{n}/map", response_class=Response)
async def address_map(
    request: Request,
    caller: Anyone,
    n: Bench,
    format: Annotated[models.MapFormat, Query()] = "json",
    lang: Annotated[models.Language, Query(description="of comments and descriptions")] = "en",
    station: Annotated[list[models.Name] | None, Query(description="only these, in the formats of PLCs")] = None,
) -> Response:
    """The address map as a file for one tool, with the addresses at which this server was reached."""
    kind = EXPORTS[format]
    asked: dict[str, JsonValue] = {"format": format, "lang": lang, "host": request.url.hostname}
    if station:
        asked["stations"] = [*station]
    made = export(await ask(request, caller, "map", asked), kind)
    language = "-zh" if lang == "zh" else ""
    name = f"linelab-bench-{n}-{format}{language}.{kind.suffix}"
    return Response(made, media_type=kind.media_type, headers={"content-disposition": f'attachment; filename="{name}"'})


@router.get("/benches/{n}/layout")
async def layout(request: Request, caller: Anyone, n: Bench) -> Response:
    """The geometry that a page draws. It changes only with the line, so a browser keeps it by its ETag."""
    body = json.dumps(await ask(request, caller, "layout"), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "cache-control": "private, no-cache"}
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.get("/benches/{n}/components")
async def components(request: Request, caller: Instructor, n: Bench) -> list[models.ComponentInfo]:
    """Time in state and cycles of every component, as the plant knows them, whatever its signals say."""
    return [models.ComponentInfo.model_validate(row) for row in rows(await ask(request, caller, "components"))]


@router.get("/benches/{n}/wires")
async def wires(request: Request, caller: Anyone, n: Bench) -> list[models.WireInfo]:
    """Where to connect, as whom, and what each wire heard last. The password is the caller's own token."""
    tokens = cast(Tokens, request.app.state.tokens)
    own: dict[str, JsonValue] = {"user": caller.role.value, "password": tokens.of(caller.grant.bench, caller.role)}
    found = rows(await ask(request, caller, "wires"))
    return [models.WireInfo.model_validate({**row, **(NO_LOGIN if row["wire"] == "modbus" else own)}) for row in found]


@router.get("/benches/{n}/modbus")
async def modbus(request: Request, caller: Anyone, n: Bench) -> list[models.ModbusClient]:
    """Why is everything zero? What each Modbus client asked, and what looks wrong about it, in both languages."""
    return [models.ModbusClient.model_validate(row) for row in rows(await ask(request, caller, "modbus"))]


@router.post("/benches/{n}/panel")
async def panel(request: Request, caller: Anyone, n: Bench, body: models.Panel) -> models.Done:
    """Press or release start, stop, reset, estop (pressed is pushed in) or a button of the station; turn a switch."""
    return await do(request, caller, "panel", body.model_dump())


@router.post("/benches/{n}/key")
async def key(request: Request, caller: Anyone, n: Bench, body: models.Key) -> models.Done:
    """Turn the key switch of a station: who is in control of it."""
    return await do(request, caller, "key", body.model_dump())


@router.post("/benches/{n}/jog")
async def jog(request: Request, caller: Anyone, n: Bench, body: models.Write) -> models.Done:
    """Set one output by hand, while the station is at rest in built-in control."""
    return await do(request, caller, "jog", body.model_dump())


@router.post("/benches/{n}/write")
async def write(request: Request, caller: Anyone, n: Bench, body: models.Write) -> models.Done:
    """Write a parameter or give a PackML command."""
    return await do(request, caller, "write", body.model_dump())


@router.delete("/benches/{n}/parts/{serial}")
async def remove_part(request: Request, caller: Anyone, n: Bench, serial: Serial) -> models.Done:
    """Take one part off the line by hand."""
    return await do(request, caller, "remove_part", {"part": serial})


@router.post("/benches/{n}/clock")
async def clock(request: Request, caller: Instructor, n: Bench, body: models.Clock) -> models.Done:
    """Freeze, let run, or step a frozen line to the next event or by some seconds."""
    return await do(request, caller, "clock", body.model_dump())


@router.post("/benches/{n}/reset")
async def reset(request: Request, caller: Instructor, n: Bench) -> models.Done:
    """Back to the start: a new run with a new journal."""
    return await do(request, caller, "reset")


@router.post("/benches/{n}/operator")
async def operator(request: Request, caller: Instructor, n: Bench, body: models.Operator) -> models.Done:
    """The simulated operator who empties full bins."""
    return await do(request, caller, "operator", body.model_dump())


@router.get("/benches/{n}/alarms")
async def alarms(request: Request, caller: Anyone, n: Bench, all: bool = False) -> list[models.Alarm]:
    """Alarms that somebody has to do with, or with `all=true` every one of the line."""
    return [models.Alarm.model_validate(row) for row in rows(await ask(request, caller, "alarms", {"all": all}))]


@router.post("/benches/{n}/alarms/{name}")
async def alarm(request: Request, caller: Anyone, n: Bench, name: AlarmName, body: models.AlarmAction) -> models.Done:
    """Acknowledge, confirm, comment, reset; shelve where the lab lets trainees; the rest is the staff's."""
    return await do(request, caller, "alarm", {"alarm": name, **body.model_dump()})


@router.get("/benches/{n}/alarm-journal")
async def alarm_journal(
    request: Request, caller: Anyone, n: Bench, wanted: Journal, limit: Limit = 100
) -> models.AlarmJournal:
    """Every transition of every alarm of the run, newest first, in pages."""
    params: dict[str, JsonValue] = {**wanted, "limit": limit}
    return models.AlarmJournal.model_validate(await ask(request, caller, "alarm_journal", params))


@router.get("/benches/{n}/alarm-journal.csv", response_class=Response)
async def alarm_csv(request: Request, caller: Anyone, n: Bench, wanted: Journal) -> Response:
    """The journal as a table, newest first, at most 10,000 rows."""
    text = str(await ask(request, caller, "alarm_csv", wanted))
    headers = {"content-disposition": f'attachment; filename="linelab-bench-{n}-alarms.csv"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/benches/{n}/alarm-figures")
async def alarm_figures(
    request: Request, caller: Anyone, n: Bench, hours: Hours = None, stale_h: StaleHours = 24.0
) -> models.AlarmFigures:
    """The figures of ISA-18.2 over the whole run, or its last hours: rate, floods, chattering, stale, top ten."""
    params: dict[str, JsonValue] = {"hours": hours, "stale_h": stale_h}
    return models.AlarmFigures.model_validate(await ask(request, caller, "alarm_figures", params))


@router.get("/benches/{n}/faults")
async def faults(request: Request, caller: Instructor, n: Bench) -> models.Faults:
    """Faults that fit this line, and those that are active."""
    return models.Faults.model_validate(await ask(request, caller, "faults"))


@router.post("/benches/{n}/faults")
async def fault(request: Request, caller: Instructor, n: Bench, body: models.Fault) -> models.FaultId:
    """Begin a fault; further fields are that fault's own."""
    return models.FaultId.model_validate(await ask(request, caller, "fault", body.model_dump()))


@router.delete("/benches/{n}/faults/{id}")
async def end_fault(request: Request, caller: Instructor, n: Bench, id: FaultName) -> models.Done:
    """End a fault."""
    return await do(request, caller, "end_fault", {"id": id})


@router.get("/benches/{n}/maintenance")
async def maintenance(request: Request, caller: Anyone, n: Bench) -> work.Maintenance:
    """What can be maintained and how, what is under way, which stations are locked out, what lies in the store."""
    return work.Maintenance.model_validate(await ask(request, caller, "maintenance"))


@router.get("/benches/{n}/maintenance/log")
async def maintenance_log(request: Request, caller: Anyone, n: Bench) -> list[work.Record]:
    """The last hundred pieces of work with what they found, newest first."""
    return [work.Record.model_validate(row) for row in rows(await ask(request, caller, "maintenance_log"))]


@router.post("/benches/{n}/maintenance")
async def maintain(request: Request, caller: Anyone, n: Bench, body: work.Maintain) -> work.JobBegun:
    """Begin work; it takes its simulated time, one job at a time at each place."""
    return work.JobBegun.model_validate(await ask(request, caller, "maintain", body.model_dump()))


@router.post("/benches/{n}/lock")
async def lock(request: Request, caller: Anyone, n: Bench, body: work.Lock) -> models.Done:
    """Put a padlock on the isolator of a station, or take it off: Stopped, Idle or Aborted alone."""
    return await do(request, caller, "lock", body.model_dump())


@router.get("/benches/{n}/certificates")
async def certificates(request: Request, caller: Engineer, n: Bench) -> list[models.Certificate]:
    """The bench's own certificate, whom it trusts, whom it has turned away, whose certificate logs in."""
    return [models.Certificate.model_validate(row) for row in rows(await ask(request, caller, "certificates"))]


@router.post("/benches/{n}/certificates/renew")
async def renew_certificate(request: Request, caller: Engineer, n: Bench) -> models.Certificate:
    """A new certificate of the bench for the same key; the wires show it after the next start of the lab."""
    return models.Certificate.model_validate(await ask(request, caller, "renew_certificate"))


@router.post("/benches/{n}/certificates/{thumbprint}")
async def move_certificate(
    request: Request, caller: Engineer, n: Bench, thumbprint: Thumbprint, body: models.CertificateMove
) -> models.Done:
    """Put a certificate on another shelf: `trusted` may connect, `rejected` may not, `users/...` logs in as that."""
    return await do(request, caller, "move_certificate", {"thumbprint": thumbprint, "to": body.to})


@router.delete("/benches/{n}/certificates/{thumbprint}")
async def delete_certificate(request: Request, caller: Engineer, n: Bench, thumbprint: Thumbprint) -> models.Done:
    """Take a certificate off every shelf."""
    return await do(request, caller, "delete_certificate", {"thumbprint": thumbprint})


@router.get("/system")
async def system(request: Request, caller: Engineer) -> models.System:
    """Versions, and how the hosts fare: loop lag, memory, paths."""
    return models.System.model_validate({"version": VERSION, "host": await ask(request, caller, "system")})


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request, caller: Anyone) -> dict[str, object]:
    """The description of this API, for generated clients."""
    return cast(dict[str, object], request.app.openapi())


router.routes.extend(training.router.routes)
router.routes.extend(devices.router.routes)
