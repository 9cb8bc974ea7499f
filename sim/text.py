"""Bilingual texts: everything that a person reads about a line is there in Chinese and in English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages of the product."""

    zh: str
    en: str

    def __add__(self, other: "Text") -> "Text":
        """Join two names, a component's and its signal's: `弹射器 1` + `伸出` is `弹射器 1 伸出`."""
        return Text(f"{self.zh} {other.zh}", f"{self.en}: {other.en}")
