"""The JSON of maintenance: what a person may ask for, and what an answer holds at least."""

from typing import Literal

from pydantic import JsonValue, StrictBool

from api.models import Answer, Name, Question, Title


class Maintain(Question):
    """Work on a component (`station.component`), a station (its controller) or a wire."""

    target: Name
    operation: Literal["inspect", "measure", "clean", "adjust", "calibrate", "replace", "reset", "close_connection"]


class Lock(Question):
    """A padlock on the isolator of a station."""

    station: Name
    on: StrictBool


class Job(Answer):
    """Work under way; times are simulated seconds."""

    number: int
    place: str
    target: str
    operation: str
    began_s: float
    due_s: float
    express: bool  # waits for a spare part of which none was left


class JobBegun(Answer):
    job: int


class Place(Answer):
    name: str
    title: Title
    lockable: bool


class Target(Answer):
    name: str
    place: str
    title: Title
    category: str


class Work(Answer):
    operation: str
    title: Title
    seconds: int  # of simulated time
    lock_out: bool


class Category(Answer):
    """A sort of things that are maintained alike."""

    name: str
    title: Title
    remark: Title | None
    spare: str | None  # what `replace` puts in
    operations: list[Work]


class Spare(Answer):
    name: str
    title: Title
    price: int  # yuan
    stock: int
    left: int


class Maintenance(Answer):
    places: list[Place]
    targets: list[Target]
    categories: list[Category]
    spares: list[Spare]
    jobs: list[Job]
    locked: list[str]
    taken: dict[str, int]
    cost: int  # yuan, of all spare parts so far
    done: int  # number of the last job that is done


class Figure(Answer):
    """`stated` is what the I/O card says (`against` = field) or the data sheet (`against` = sheet)."""

    title: Title
    unit: str
    found: JsonValue
    stated: JsonValue
    against: str


class Record(Answer):
    """Work that was done."""

    number: int
    target: str
    operation: str
    began_s: float
    ended_s: float
    spare: str | None
    cost: int
    notes: list[Title]
    figures: list[Figure]
    who: str | None  # told to instructors and engineers
