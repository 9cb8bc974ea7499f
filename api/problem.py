"""How an error is told to a page or a script: `{"code", "params", "message"}`, never a traceback.

The browser translates `code`; `message` is for people who read an answer with curl.
"""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.headers import SAFETY
from api.lab import LabError
from sim.refusal import Refusal
from sim.state import JsonValue

log = logging.getLogger(__name__)

MESSAGES = {
    "login": "Log in first: POST /api/login with a token, or send it as `Authorization: Bearer`.",
    "token": "No bench has this token.",
    "role": "Your role may not do this.",
    "bench": "Your token is for another bench.",
    "origin": "A request with a cookie must come from LineLab's own page.",
    "rate": "Too many wrong tokens from this address: wait a minute.",
    "validation": "The request does not have the right form; `params.errors` says where.",
    "unknown": "There is no such thing on this bench.",
    "route": "There is no such route.",
    "method": "This route does not know this method.",
    "size": "The request is too large.",
    "key_reused": "This Idempotency-Key was used for another request.",
    "fault": "This fault does not fit there; `params.why` says why.",
    "busy": "Work is under way there already: wait until it is done.",
    "lock_out": "Stop the station and put a padlock on it first.",
    "locked": "A padlock is on this station already.",
    "unlocked": "No padlock is on this station.",
    "not_at_rest": "A station is locked out only while it is Stopped, Idle or Aborted.",
    "padlock": "This padlock is another person's; the one who put it on takes it off.",
    "fault_active": "This fault is active there already; `params.id` says as what.",
    "fault_replaced": "Another fault holds the same parameter of this component; end that one first.",
    "real_fault": "A real device is in this place: its physics cannot be changed here; faults of its readings can.",
    "fault_ended": "No fault with this id is active: it has ended, or never began.",
    "no_fault": "No fault is active.",
    "no_scenario": "No scenario runs on this bench.",
    "scenario_running": "A scenario runs already (`params.scenario`); end it first.",
    "entry_state": "This entry of the scenario cannot begin now: it is active, or it has ended.",
    "training": "This state cannot be had; `params.why` says why.",
    "real": "A real device is in the place of this station: work on it by hand, with a padlock of its own.",
    "no_binding": "This bench has no real devices: start it with --binding FILE.",
    "real_station": "A real device pins the line to real time: switch `params.stations` to simulated first.",
    "bent": "Faults of its physics are active on this station (`params.faults`); end them before it becomes real.",
    "pinned": "A real station needs the line running at speed 1.",
    "device": "The device does not answer; `params.why` says why.",
    "readings": "Not all readings of the device are good; `params.tags` says which.",
    "watchdog": "This station can never be armed: its binding names no watchdog.",
    "arming": "It cannot be armed: `params.why` is device, interlock, test (do the arming test first) or live.",
    "lease": "This lease has ended; arm again.",
    "unrecorded": "The journal cannot be written, so the line stands still; `params.error` says why.",
    "certificates": "The certificates of this bench cannot be read or written; `params.why` says why.",
    "lab": "The lab does not answer at present; the wires may be running all the same.",
    "internal": "LineLab made a mistake; its log says which.",
    Refusal.READ_ONLY: "This tag can only be read.",
    Refusal.RANGE: "The value is out of the range of this tag.",
    Refusal.TYPE: "The value has not the data type of this tag.",
    Refusal.NOT_OWNER: "Somebody else is in control of this station.",
    Refusal.PAUSED: "The line is frozen.",
    Refusal.STATE: "The state of the station forbids this.",
    Refusal.OFFLINE: "The line does not run.",
    Refusal.FORBIDDEN: "Your role may not do this.",
}

# Codes of the lab that are not plain refusals (409): everything else that a host says is a mistake of ours.
STATUS = {
    "unknown": 404,
    "fault": 422,
    "certificates": 503,
    "role": 403,
    "bench": 403,
    Refusal.FORBIDDEN: 403,
    "lab": 503,
}


class Problem(Exception):
    """An answer other than yes, on its way to the client."""

    def __init__(self, status: int, code: str, params: dict[str, JsonValue] | None = None) -> None:
        super().__init__(status, code, params)
        self.status = status
        self.code = code
        self.params = params or {}

    def response(self) -> Response:
        message = MESSAGES.get(self.code, self.code)
        content = {"code": self.code, "params": self.params, "message": message}
        return JSONResponse(content, status_code=self.status)


def of_lab(error: LabError) -> Problem:
    """The problem that a host's no becomes."""
    status = STATUS.get(error.code)
    if status is None:
        status = 409 if error.code in MESSAGES and error.code != "internal" else 500
    if status == 500:
        log.error("the lab answered with the unknown code %r %r", error.code, error.params)
        return Problem(500, "internal")
    return Problem(status, error.code, error.params)


def _of_validation(error: RequestValidationError) -> Problem:
    # The rejected input is not echoed: it may be large, or not even be text
    errors: list[JsonValue] = [
        {"field": ".".join(str(at) for at in e["loc"]), "code": str(e["type"]), "message": str(e["msg"])}
        for e in error.errors()[:20]
    ]
    return Problem(422, "validation", {"errors": errors})


def _of_http(error: HTTPException) -> Problem:
    if error.status_code == 400:  # a body that cannot even be parsed
        return Problem(422, "validation", {"errors": [{"field": "body", "code": "parse"}]})
    codes = {404: "route", 405: "method", 401: "login", 403: "role", 413: "size"}
    return Problem(error.status_code, codes.get(error.status_code, "validation"))


def teach(app: FastAPI) -> None:
    """Make the app answer every error in the one form."""

    async def problem(_: Request, error: Exception) -> Response:
        return error.response() if isinstance(error, Problem) else await mistake(_, error)

    async def lab(_: Request, error: Exception) -> Response:
        return of_lab(error).response() if isinstance(error, LabError) else await mistake(_, error)

    async def validation(_: Request, error: Exception) -> Response:
        return (
            _of_validation(error).response() if isinstance(error, RequestValidationError) else await mistake(_, error)
        )

    async def http(_: Request, error: Exception) -> Response:
        return _of_http(error).response() if isinstance(error, HTTPException) else await mistake(_, error)

    async def mistake(_: Request, error: Exception) -> Response:
        response = Problem(500, "internal").response()
        response.headers.update(SAFETY)  # this answer is made outside of the middleware that adds them
        return response

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(LabError, lab)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, mistake)
