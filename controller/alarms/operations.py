"""What can be asked about alarms over the channel; the table of operations binds these (`controller/operations.py`)."""

from collections.abc import Callable
from dataclasses import asdict
from typing import cast

from controller.alarms.answers import alarm_row, journal_csv, journal_row
from controller.alarms.board import AlarmBoard
from controller.alarms.figures import STALE_H
from controller.alarms.journal import Wanted
from controller.messages import LabError, Request
from devices.alarms import AlarmAsk
from sim.alarms.state import AlarmNow
from sim.state import JsonValue

PAGE, MOST_PAGE, MOST_CSV = 100, 1000, 10_000
_WORDS = ("station", "alarm", "what", "priority", "since", "until")


def listing(board: AlarmBoard, request: Request) -> JsonValue:
    """Every alarm, or those that are worth showing."""
    everything = request.params.get("all") is True
    return [alarm_row(board, now) for now in board.all_now() if everything or _shown(now)]


def _shown(now: AlarmNow) -> bool:
    """Somebody has to do with it, or it is on the shelf and may be missed."""
    return bool(now.shelved) or (now.retain and not now.suppressed and not now.out_of_service)


def ask(request: Request) -> AlarmAsk:
    """What somebody wants done; the line says whether it can be."""
    name, do = request.params.get("alarm"), request.params.get("do")
    comment, seconds = request.params.get("comment", ""), request.params.get("for_s", 0)
    if not isinstance(name, str) or not isinstance(do, str) or not isinstance(comment, str):
        raise LabError("params", {"missing": "alarm, do"})
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= 10**9:
        raise LabError("range", {"for_s": seconds if isinstance(seconds, int | float) else None})
    return AlarmAsk(name, do, comment, round(seconds * 1000), request.params.get("once") is True)


def wanted(request: Request) -> Wanted:
    words = {key: str(request.params.get(key) or "") for key in _WORDS}
    return Wanted(**words, least_severity=_whole(request, "least_severity", 0), after=_whole(request, "after", 0))


def journal(board: AlarmBoard, request: Request) -> JsonValue:
    """A page of the journal, the newest first; `next` is what to ask for as `after`, null at the end."""
    most = min(max(_whole(request, "limit", PAGE), 1), MOST_PAGE)
    rows = board.rows(wanted(request), most + 1)
    page = rows[:most]
    return {
        "rows": [journal_row(row) for row in page],
        "next": page[-1].id if len(rows) > most else None,
    }


def journal_file(board: AlarmBoard, request: Request) -> JsonValue:
    return journal_csv(board.rows(wanted(request), MOST_CSV))


def kpi(board: AlarmBoard, request: Request) -> JsonValue:
    """The figures of ISA-18.2."""
    hours, stale = request.params.get("hours"), request.params.get("stale_h", STALE_H)
    hours = float(hours) if isinstance(hours, int | float) and not isinstance(hours, bool) else None
    stale = float(stale) if isinstance(stale, int | float) and not isinstance(stale, bool) else STALE_H
    return cast(JsonValue, asdict(board.figures(hours, stale)))


def _whole(request: Request, name: str, otherwise: int) -> int:
    value = request.params.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


READING: dict[str, Callable[[AlarmBoard, Request], JsonValue]] = {
    "alarms": listing,
    "alarm_journal": journal,
    "alarm_csv": journal_file,
    "alarm_figures": kpi,
}
