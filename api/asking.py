"""What all routes share: who asks, of which bench, and how the lab is asked. Decides nothing."""

from typing import Annotated, cast

from fastapi import Depends, Path, Request

from api import models
from api.access import EVERYBODY, Caller, allow, allow_all
from api.lab import Host, LabError
from devices.endpoint import Role
from sim.state import JsonValue

PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"model": models.ProblemAnswer, "description": text}
    for status, text in {
        401: "Not logged in",
        403: "Not this role, not this bench, or not from LineLab's page",
        404: "Unknown",
        409: "Refused by the line; `code` says why",
        413: "Too large",
        422: "Not the right form",
        503: "The lab does not answer",
    }.items()
}

Anyone = Annotated[Caller, Depends(allow(*EVERYBODY))]
Instructor = Annotated[Caller, Depends(allow(Role.INSTRUCTOR))]
Engineer = Annotated[Caller, Depends(allow(Role.ENGINEER))]
OPEN = Depends(allow_all())

Bench = Annotated[int, Path(ge=1, le=9999, description="Number of the bench")]


async def ask(request: Request, caller: Caller, op: str, params: dict[str, JsonValue] | None = None) -> JsonValue:
    """Ask the host of the caller's bench."""
    host = cast(Host, request.app.state.host)
    return await host.request(op, bench=caller.grant.bench, by=caller.by, role=caller.role, params=params or {})


async def do(request: Request, caller: Caller, op: str, params: dict[str, JsonValue] | None = None) -> models.Done:
    """Ask for something that is done or refused; a host may tell more of it."""
    result = await ask(request, caller, op, params)
    return models.Done.model_validate({**result, "ok": True} if isinstance(result, dict) else {})


def rows(result: JsonValue) -> list[dict[str, JsonValue]]:
    """The answer of a host as a table."""
    if not isinstance(result, list):
        raise LabError("internal", {"expected": "a list"})
    return [row for row in result if isinstance(row, dict)]
