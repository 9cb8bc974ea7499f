"""A server that keeps the contract of the page with the scripted line: for developing the page and for its own tests.

Run by hand: `python -m tests.web.fake_server 8090`, then log in with `trainee-token` or `instructor-token`.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request, WebSocket
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse, Response
from starlette.websockets import WebSocketDisconnect

from api.headers import Safety
from api.pages import BUNDLE, Pages
from tests.web import fake_script as script
from tests.web.fake_bench import FAULTS, Commands, FakeBench, refuse

TOKENS = {"trainee-token": "trainee", "instructor-token": "instructor"}
REFUSED = {
    "ts": "2026-01-01T08:30:05Z",
    "client": "127.0.0.1:50412",
    "tag": "sorting.belt_run",
    "value": True,
    "refusal": "not_owner",
}
router = APIRouter(prefix="/api")


def bench_of(connection: HTTPConnection) -> FakeBench:
    return connection.app.state.bench


def role_of(connection: HTTPConnection) -> str | None:
    return TOKENS.get(connection.cookies.get("linelab", ""))


Bench = Annotated[FakeBench, Depends(bench_of)]
Role = Annotated[str | None, Depends(role_of)]


@router.post("/login")
async def login(body: dict[str, str]) -> Response:
    if body["token"] not in TOKENS:
        return refuse(401, "token")
    answer = JSONResponse({"bench": 1, "role": TOKENS[body["token"]]})
    answer.set_cookie("linelab", body["token"], httponly=True, samesite="lax")
    return answer


@router.post("/logout")
async def logout() -> Response:
    answer = JSONResponse({"ok": True})
    answer.delete_cookie("linelab")
    return answer


@router.get("/me")
async def me(role: Role) -> Response:
    return JSONResponse({"bench": 1, "role": role}) if role else refuse(401, "login")


@router.get("/benches/1")
async def info(bench: Bench) -> dict[str, object]:
    clock = {"state": "frozen" if bench.frozen else "running", "speed": bench.speed, "sim_s": bench.sim, "slips": 0}
    line = {"name": "smart-factory", "title": bench.layout["title"]}
    stations = [{"name": s, "title": script.text(*t)} for s, t in script.STATIONS.items()]
    return {"bench": 1, "line": line, "clock": clock, "control": bench.control, "wires": [], "stations": stations}


@router.get("/benches/1/tags")
async def tags(bench: Bench) -> list[dict[str, object]]:
    return bench.tags


@router.get("/benches/1/layout")
async def layout(bench: Bench) -> dict[str, object]:
    return bench.layout


@router.get("/benches/1/wires")
async def wires(bench: Bench, role: Role, request: Request) -> list[dict[str, object]]:
    return [wire | {"user": role, "password": request.cookies["linelab"]} for wire in bench.wires()]


@router.get("/benches/1/faults")
async def faults(bench: Bench, role: Role) -> Response:
    if role != "instructor":
        return refuse(403, "role")
    return JSONResponse({"catalogue": FAULTS, "active": bench.faults})


@router.delete("/benches/1/faults/{ident}")
async def end_fault(bench: Bench, ident: str) -> dict[str, bool]:
    bench.faults = [f for f in bench.faults if f["id"] != ident]
    await bench.delta("faults", {"active": bench.faults})
    return {"ok": True}


@router.delete("/benches/1/parts/{serial}")
async def remove(bench: Bench, serial: str) -> Response:
    if serial not in bench.parts:
        return refuse(404, "unknown")
    bench.happen(bench.sim, "part", serial, ["gone", "hand"])
    return JSONResponse({"ok": True})


@router.post("/benches/1/{command}")
async def post(bench: Bench, command: str, request: Request) -> Response:
    raw = await request.body()
    body = json.loads(raw) if raw else {}
    bench.requests.append((command, body))
    return await getattr(Commands(bench), command)(body) or JSONResponse({"ok": True})


@router.get("/test/requests")
async def requests(bench: Bench) -> list[tuple[str, dict[str, object]]]:
    """What the page has asked for, in order."""
    return bench.requests


@router.post("/test/{what}")
async def happening(bench: Bench, what: str) -> dict[str, bool]:
    """Something that happens to the bench from outside."""
    if what == "refused_write":
        bench.last_write = REFUSED
        await bench.delta("wires", {"wires": bench.wires()})
    elif what == "restart":
        bench.requests.clear()
        bench.restart()
    elif what == "gap":
        bench.seq["line"] += 3
    elif what == "drop":
        for socket in list(bench.feeds):
            await socket.close(1012)
    return {"ok": True}


@router.websocket("/ws")
async def ws(socket: WebSocket) -> None:
    bench = bench_of(socket)
    await socket.accept()
    if role_of(socket) is None:
        await socket.close(4401)
        return
    bench.feeds[socket] = set()
    try:
        while True:
            message = json.loads(await socket.receive_text())
            kind = message["ch"].split(":")[0]
            if message["op"] == "sub" and kind in bench.seq:
                bench.feeds[socket].add(message["ch"])
                await socket.send_text(json.dumps(bench.snap(kind)))
            else:
                bench.feeds[socket].discard(message["ch"])
    except (WebSocketDisconnect, RuntimeError):
        bench.feeds.pop(socket, None)


@contextlib.asynccontextmanager
async def life(app: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(app.state.bench.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def make_app(folder: Path = BUNDLE) -> FastAPI:
    app = FastAPI(lifespan=life)
    app.state.bench = FakeBench()
    app.add_middleware(Safety)
    app.include_router(router)
    app.mount("/", Pages(folder))
    return app


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8090
    uvicorn.run(make_app(), host="127.0.0.1", port=port, log_level="warning")
