"""What an instructor can ask of a bench beyond its clock: one small function per operation. No one else can."""

from collections.abc import Awaitable, Callable, Mapping

from controller.messages import LabError, Request
from controller.training.active import active
from controller.training.desk import TrainingDesk
from controller.training.library import ConditionCard, ScenarioCard, Shelf
from controller.training.snapshots import Snapshot
from sim.state import JsonValue, dump
from sim.text import Text

NS = 10**9
Answer = Callable[[TrainingDesk, Request], JsonValue | Awaitable[JsonValue]]


def _text(request: Request, name: str) -> str:
    value = request.params.get(name)
    if not isinstance(value, str):
        raise LabError("params", {"missing": name})
    return value


def _flag(request: Request, name: str) -> bool:
    return request.params.get(name) is True


def _time_s(request: Request) -> float:
    value = request.params.get("t_s")
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise LabError("params", {"missing": "t_s"})
    return float(value)


def _both(text: Text) -> JsonValue:
    return {"zh": text.zh, "en": text.en}


# ---- initial conditions and snapshots ------------------------------------------------------------------------------


async def _conditions(desk: TrainingDesk, request: Request) -> JsonValue:
    known = await desk.library(Shelf.CONDITIONS)
    return {
        "conditions": [_condition(desk, card) for card in known.conditions.values()],
        "snapshots": [_snapshot(one) for one in desk.snapshots()],
        "errors": [*known.errors],
    }


def _condition(desk: TrainingDesk, card: ConditionCard) -> JsonValue:
    return {
        "name": card.name,
        "title": _both(card.title),
        "description": _both(card.description),
        "run_s": card.recipe.run_ns / NS,
        "ready": desk.ready(card),
    }


def _snapshot(one: Snapshot) -> JsonValue:
    row = dump(one)
    return {**row, "t_s": one.t_ns / NS} if isinstance(row, dict) else {}


async def _load_condition(desk: TrainingDesk, request: Request) -> JsonValue:
    await desk.condition(_text(request, "name"), request.by, _flag(request, "frozen"))
    return {}


async def _take_snapshot(desk: TrainingDesk, request: Request) -> JsonValue:
    return _snapshot(await desk.snapshot(_text(request, "name"), request.by))


async def _load_snapshot(desk: TrainingDesk, request: Request) -> JsonValue:
    await desk.load_snapshot(_text(request, "id"), request.by, _flag(request, "frozen"))
    return {}


def _delete_snapshot(desk: TrainingDesk, request: Request) -> JsonValue:
    desk.delete_snapshot(_text(request, "id"))
    return {}


# ---- the past ------------------------------------------------------------------------------------------------------


def _runs(desk: TrainingDesk, request: Request) -> JsonValue:
    return [*desk.runs()]


def _look(desk: TrainingDesk, request: Request) -> Awaitable[JsonValue]:
    return desk.look(str(request.params.get("run") or ""), _time_s(request))


async def _branch(desk: TrainingDesk, request: Request) -> JsonValue:
    run = str(request.params.get("run") or "")
    await desk.branch(run, _time_s(request), request.by, _flag(request, "frozen"))
    return {}


# ---- scenarios and faults ------------------------------------------------------------------------------------------


async def _scenarios(desk: TrainingDesk, request: Request) -> JsonValue:
    known = await desk.library(Shelf.SCENARIOS)
    return {"scenarios": [_scenario(card) for card in known.scenarios.values()], "errors": [*known.errors]}


def _scenario(card: ScenarioCard) -> JsonValue:
    return {
        "name": card.name,
        "title": _both(card.title),
        "description": _both(card.description),
        "instructor": _both(card.instructor),
        "hints": [_both(hint) for hint in card.hints],
        "level": card.level,
        "initial": card.recipe is not None,
    }


async def _load_scenario(desk: TrainingDesk, request: Request) -> JsonValue:
    await desk.scenario(_text(request, "name"), request.by, _flag(request, "here"), _flag(request, "frozen"))
    return {}


def _end_scenario(desk: TrainingDesk, request: Request) -> JsonValue:
    desk.end_scenario(request.by)
    return {}


def _fire(desk: TrainingDesk, request: Request) -> JsonValue:
    desk.fire(_text(request, "entry"), request.by)
    return {}


def _end_faults(desk: TrainingDesk, request: Request) -> JsonValue:
    desk.end_faults(request.by)
    return {}


def _active(desk: TrainingDesk, request: Request) -> JsonValue:
    return active(desk.bench)


TRAINING: Mapping[str, Answer] = {
    "conditions": _conditions,
    "load_condition": _load_condition,
    "take_snapshot": _take_snapshot,
    "load_snapshot": _load_snapshot,
    "delete_snapshot": _delete_snapshot,
    "runs": _runs,
    "look": _look,
    "branch": _branch,
    "scenarios": _scenarios,
    "load_scenario": _load_scenario,
    "end_scenario": _end_scenario,
    "fire": _fire,
    "end_faults": _end_faults,
    "active": _active,
}
