"""A fault of the catalogue as the rooms above see it, and why one cannot be aimed."""

from collections.abc import Mapping
from dataclasses import dataclass

from scenarios.faulting.model import FaultFile
from sim.text import Text


class FaultError(ValueError):
    """Why a fault cannot be aimed at a target, in words for the instructor; `field` is the key that it is about."""

    def __init__(self, message: str, field: tuple[str, ...] = ("target",)) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a fault that may be set, as written in files: `20 %`, `2 s`, true. None: no limit of its own."""

    name: str
    title: Text
    dimension: str
    default: bool | int | float | str
    low: int | float | str | None = None
    high: int | float | str | None = None
    choices: tuple[bool | int | float | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the catalogue."""

    name: str
    number: int | None
    layer: str
    seams: tuple[str, ...]
    title: Text
    description: Text
    detection: Text
    remedy: Text
    symptoms: Mapping[str, Text]
    findings: Mapping[str, Text]
    figures: Mapping[str, Figure]
    level: int
    occupations: tuple[str, ...]
    sources: tuple[str, ...]
    stated: FaultFile
