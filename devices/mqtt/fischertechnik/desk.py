"""Orders of the contract on the order desk: placed and cancelled by its handshake, shown with their production steps.

Sans-I/O; knows no topic. Which piece is how far is read from the jobs; ids and times are this life's.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from devices.endpoint import Client
from devices.mqtt.fischertechnik.factory import (
    CANCELLED,
    DONE,
    FAILED,
    IDS,
    QUEUED,
    ROUTES,
    RUNNING,
    STORE,
    WAY_OUT,
    Factory,
    Job,
    Order,
    colour,
)
from devices.mqtt.fischertechnik.messages import Document
from devices.mqtt.line_topics import timestamp
from sim.state import JsonValue

ORDER_STATES = {QUEUED: "ENQUEUED", RUNNING: "IN_PROGRESS", DONE: "FINISHED", FAILED: "ERROR", CANCELLED: "CANCELLED"}
RESULTS = {2: "unknown_type", 3: "quantity", 4: "full", 5: "number", 6: "unknown"}  # of the desk
ACCEPTED, WITHDRAWN = 1, 7
COMPLETED = 100  # orders that are over and still told


@dataclass(slots=True)
class Told:
    """What is remembered of an order: times of this life, and how far it was seen."""

    order: Order
    received: str
    started: str | None = None
    stopped: str | None = None
    step: int = 0


class Desk:
    """Implements orders and their lists. `look` takes in what the tags say now."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._told: dict[int, Told] = {}  # by number, the oldest first

    def look(self) -> None:
        now = timestamp(self._factory.view.clock.utc())
        jobs = list(self._factory.jobs())
        for order in self._factory.orders():
            if order.number and order.state:
                self._follow(order, next((job for job in jobs if job.order == order.number), None), now)
        over = [number for number, told in self._told.items() if not told.order.open]
        for number in over[:-COMPLETED]:
            del self._told[number]

    def _follow(self, order: Order, job: Job | None, now: str) -> None:
        told = self._told.get(order.number)
        if told is None or (order.open and not told.order.open):  # a number may come again
            self._told.pop(order.number, None)
            told = self._told[order.number] = Told(order, now)
        told.order = order
        if order.state != QUEUED and told.started is None and order.state != CANCELLED:
            told.started = now
        if not order.open and told.stopped is None:
            told.stopped = now
        if job is not None:
            step = _step(job)
            told.step = max(told.step, step) if order.quantity == 1 else step

    def active(self) -> list[JsonValue]:
        return [self.document(number) for number, told in self._told.items() if told.order.open]

    def completed(self) -> list[JsonValue]:
        return [self.document(number) for number, told in self._told.items() if not told.order.open]

    def document(self, number: int) -> Document:
        """An order as `ccu/order/…` shows it. `quantity` and `done` are added: the desk takes several of a type."""
        told = self._told[number]
        order = told.order
        document: Document = {
            "orderId": self._factory.order_id(number),
            "orderType": "PRODUCTION",
            "type": colour(order.type),
            "timestamp": told.received,
            "receivedAt": told.received,
            "state": ORDER_STATES[order.state],
            "productionSteps": list(self._steps(order, told.step)),
            "quantity": order.quantity,
            "done": order.done,
        }
        times = (("startedAt", told.started), ("stoppedAt", told.stopped))
        return document | {key: time for key, time in times if time is not None}

    def _steps(self, order: Order, at: int) -> Iterator[JsonValue]:
        """NAVIGATION and MANUFACTURE in their order, the piece being at step `at`."""
        before: str | None = None
        for k, step in enumerate(_plan(self._factory, order.type)):
            name = str(uuid.uuid5(IDS, f"{self._factory.order_id(order.number)}/{k}"))
            document: Document = {"id": name, **step, "state": _step_state(order.state, k, at)}
            if before is not None:
                document["dependentActionId"] = before
            before = name
            yield document

    # ---- the handshake

    def place(self, client: Client, kind: int) -> tuple[int, str]:
        """Number of the new order, and why there is none: a refusal of the line or a result of the desk."""
        before = {order.number for order in self._factory.orders() if order.open}
        writes = {"desk_number": 0, "desk_type": kind, "desk_quantity": 1}
        result, why = self._shake(client, writes, "desk_request")
        if result != ACCEPTED:
            return 0, why or RESULTS.get(result, "refused")
        new = [order.number for order in self._factory.orders() if order.open and order.number not in before]
        self.look()
        return (new[0], "") if new else (0, "over")

    def cancel(self, client: Client, name: str) -> str:
        """Empty where the order is cancelled: only one that nothing was begun of."""
        for order in self._factory.orders():
            if self._factory.order_id(order.number) == name and order.state == QUEUED:
                result, why = self._shake(client, {"desk_number": order.number}, "desk_cancel")
                return "" if result == WITHDRAWN else why or RESULTS.get(result, "refused")
        return "not enqueued"

    def _shake(self, client: Client, words: dict[str, int], signal: str) -> tuple[int, str]:
        """Words, request, result, request back: all within this call, so no other wire comes between."""
        factory, view = self._factory, self._factory.view
        request = factory.index(f"orders.{signal}")
        if factory.value(f"orders.{signal}"):
            return 0, "desk_busy"  # another wire has its request up
        writes: list[tuple[int, object]] = [(factory.index(f"orders.{word}"), value) for word, value in words.items()]
        for attempt in (writes, [(request, True)]):
            refusal = next((one for one in view.request(client, attempt) if one is not None), None)
            if refusal is not None:
                return 0, refusal.value
        result = factory.number("orders.desk_result")
        view.request(client, [(request, False)])
        return result, ""


def _plan(factory: Factory, kind: int) -> Iterator[Document]:
    last = "START"
    for number in _route(kind):
        module = factory.module_of(number)
        if module is None:
            continue
        yield {"type": "NAVIGATION", "source": last, "target": module.type}
        commands = ("DROP",) if number == STORE else ("PICK",) if number == WAY_OUT else ("PICK", module.work, "DROP")
        for command in commands:
            yield {
                "type": "MANUFACTURE", "moduleType": module.type, "command": command, "serialNumber": module.serial,
            }  # fmt: skip
        last = module.type


def _route(kind: int) -> tuple[int, ...]:
    return (STORE, *ROUTES.get(kind, ()), WAY_OUT)


def _step(job: Job) -> int:
    """How many steps of its plan are behind a piece: two at the store, four at a module, two at the way out."""
    route = _route(job.type)
    if job.stage == 0 or job.at not in route:
        return 0
    k = route.index(job.at)
    first = 2 + 4 * (k - 1) if k else 0  # its first step: the way to that module
    drop = 1 if k == 0 else first + 3
    if job.stage == 2 and job.next:
        return drop if job.trip <= 3 else drop + job.trip - 3 if job.trip <= 5 else drop + 2
    steps = {1: 1, 2: drop, 3: first + (1 if job.at == WAY_OUT else 2), 4: first + 2}
    return steps.get(job.stage, 0)


def _step_state(state: int, k: int, at: int) -> str:
    if state == DONE or k < at:
        return "FINISHED"
    if state in (FAILED, CANCELLED):
        return "ERROR" if state == FAILED and k == at else "CANCELLED"
    return "IN_PROGRESS" if state == RUNNING and k == at else "ENQUEUED"
