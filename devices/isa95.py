"""Where a line is in a company, in the levels of ISA-95. Knows no wire: settings are read at each start."""

from dataclasses import dataclass

_FORBIDDEN = "+#\0$"


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels above the line, as ISA-95 (IEC 62264-1) names them."""

    enterprise: str
    site: str
    area: str

    @classmethod
    def of(cls, text: str) -> "Levels":
        """`enterprise/site/area`. Raises `ValueError` where it is not that."""
        levels = text.split("/")
        if len(levels) != 3 or not all(levels) or any(letter in _FORBIDDEN for letter in text):
            raise ValueError(f"{text!r} is not enterprise/site/area, three names without + # $")
        return cls(*levels)

    def __str__(self) -> str:
        return f"{self.enterprise}/{self.site}/{self.area}"
