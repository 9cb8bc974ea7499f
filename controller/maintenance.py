"""Maintenance of a bench for people: what can be done, what is under way, what was found; work and padlocks by hand.

Who did something is told to the staff alone; everything else is the same for everybody, with a scenario and without.
"""

from controller.bench import Bench
from controller.messages import Frame, LabError, Request
from devices.endpoint import Role
from sim.maintenance.category import Category, Spare
from sim.maintenance.findings import Figure
from sim.maintenance.operation import Operation
from sim.maintenance.state import Job, Record
from sim.maintenance.workshop import CABINET, LONGEST_WHO, Target, Workshop
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.text import Text

NS = 10**9
NETWORK = Text("网络柜", "Network cabinet")
FLOW = Text("流水线", "Flow line")
_STAFF = ("instructor", "engineer")


# ---- what there is -----------------------------------------------------------------------------------------------


def overview(bench: Bench) -> Frame:
    """Places, targets, the sorts of things with their operations, the store, and what is under way."""
    workshop = bench.run.line.maintenance
    targets = list(workshop.targets().values())
    sorts = {target.category.name: target.category for target in targets}
    return {
        "places": _places(bench, targets),
        "targets": [_target(bench, target) for target in targets],
        "categories": [_category(category) for category in sorts.values()],
        "spares": [
            _spare(workshop, category.spare) for category in sorts.values() if category.spare is not None
        ],
        **progress(bench),
    }  # fmt: skip


def progress(bench: Bench) -> Frame:
    """What changes: jobs, padlocks, what is left in the store, how much was done."""
    workshop = bench.run.line.maintenance
    return {
        "jobs": [_job(job) for job in workshop.s.jobs],
        "locked": [*workshop.s.locks],
        "taken": {**workshop.s.taken},
        "cost": workshop.s.cost,
        "done": workshop.s.records[-1].number if workshop.s.records else 0,
        "number": workshop.s.number,
    }


def _places(bench: Bench, targets: list[Target]) -> list[JsonValue]:
    stations = {station.name: station.title for station in bench.definition.stations}
    names = dict.fromkeys(target.place for target in targets)
    return [
        {
            "name": name,
            "title": _text(stations.get(name, NETWORK if name == CABINET else FLOW)),
            "lockable": name in stations,
        }
        for name in names
    ]


def _target(bench: Bench, target: Target) -> JsonValue:
    return {
        "name": target.name, "place": target.place, "title": _text(target.title), "category": target.category.name,
    }  # fmt: skip


def _category(category: Category) -> JsonValue:
    return {
        "name": category.name,
        "title": _text(category.title),
        "remark": None if category.remark is None else _text(category.remark),
        "spare": None if category.spare is None else category.spare.name,
        "operations": [_work(category, op) for op in category.works],
    }


def _work(category: Category, operation: Operation) -> JsonValue:
    work, title = category.works[operation], _text(category.title_of(operation))
    return {"operation": str(operation), "title": title, "seconds": work.seconds, "lock_out": work.lock_out}


def _spare(workshop: Workshop, spare: Spare) -> JsonValue:
    return {
        "name": spare.name,
        "title": _text(spare.title),
        "price": spare.price,
        "stock": spare.stock,
        "left": workshop.left(spare.name, spare.stock),
    }


def _job(job: Job) -> JsonValue:
    return {
        "number": job.number,
        "place": job.place,
        "target": job.target,
        "operation": job.operation,
        "began_s": job.began_ns / NS,
        "due_s": job.due_ns / NS,
        "express": job.express,
    }


# ---- what was found ----------------------------------------------------------------------------------------------


def log(bench: Bench, role: Role) -> list[JsonValue]:
    """The work that was done, newest first, with its findings; the staff sees by whom."""
    shown = str(role) in _STAFF
    return [_record(record, shown) for record in reversed(bench.run.line.maintenance.s.records)]


def _record(record: Record, shown: bool) -> JsonValue:
    return {
        "number": record.number,
        "target": record.target,
        "operation": record.operation,
        "began_s": record.began_ns / NS,
        "ended_s": record.ended_ns / NS,
        "spare": record.spare or None,
        "cost": record.cost,
        "notes": [_text(note) for note in record.findings.notes],
        "figures": [_figure(figure) for figure in record.findings.figures],
        "who": record.by if shown else None,
    }


def _figure(figure: Figure) -> JsonValue:
    return {
        "title": _text(figure.title),
        "unit": figure.unit,
        "found": figure.found,
        "stated": figure.stated,
        "against": figure.against,
    }


def _text(text: Text) -> JsonValue:
    return {"zh": text.zh, "en": text.en}


# ---- what people do ----------------------------------------------------------------------------------------------


def maintain(bench: Bench, request: Request) -> Frame:
    """Begin work. Raises `LabError` with `busy` or `lock_out` where that is why not."""
    target, operation = _word(request, "target"), _word(request, "operation")
    args: Frame = {"target": target, "operation": operation, "who": request.by[:LONGEST_WHO]}
    subject = f"{operation} {target}"
    try:
        bench.by_hand("maintain", args, request.by, subject)
    except LabError as error:
        raise _said(bench, error, request.by, f"maintain {subject}", _hindrance(bench, target, operation)) from error
    return {"job": bench.run.line.maintenance.s.number}


def lock(bench: Bench, request: Request) -> Frame:
    """Put a padlock on or take it off. What the staff has locked a trainee does not unlock."""
    station, on = _word(request, "station"), request.params.get("on")
    if not isinstance(on, bool):
        raise LabError("params", {"missing": "on"})
    held = bench.run.line.maintenance.s.locks.get(station)
    if not on and held is not None and held.by.startswith(_STAFF) and str(request.role) not in _STAFF:
        raise LabError("padlock", {"station": station})
    args: Frame = {"station": station, "on": on, "who": request.by[:LONGEST_WHO]}
    subject = f"{station} {'on' if on else 'off'}"
    try:
        bench.by_hand("lock", args, request.by, subject)
    except LabError as error:
        why = bench.run.line.maintenance.lock_hindrance(station, on)
        raise _said(bench, error, request.by, f"lock {subject}", why) from error
    return {}


def _word(request: Request, name: str) -> str:
    value = request.params.get(name)
    if not isinstance(value, str):
        raise LabError("params", {"missing": name})
    return value


def _hindrance(bench: Bench, target: str, operation: str) -> str:
    return bench.run.line.maintenance.hindrance(target, operation)


def _said(bench: Bench, error: LabError, by: str, subject: str, why: str) -> LabError:
    """The refusal in words that a person can act on. Who tries without a padlock is seen in the traffic."""
    code = why if why and error.code in (Refusal.STATE, Refusal.UNKNOWN) else str(error.code)
    bench.run.note("page", by, code, subject)
    return LabError(code, error.params)
