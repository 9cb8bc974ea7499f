"""What stands in the arguments of an input: plain JSON, looked at with suspicion. Knows no operation."""

from sim.state import JsonValue

Args = dict[str, JsonValue]
MOST_WHOLE = 2**53  # what any reader of JSON keeps exact


def word(args: Args, key: str) -> str:
    """A text among the arguments; anything else is a word that nobody knows."""
    value = args.get(key)
    return value if isinstance(value, str) else ""


def whole(value: JsonValue, least: int = -MOST_WHOLE, most: int = MOST_WHOLE) -> bool:
    """A whole number between two limits."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def number(value: JsonValue, least: float = -MOST_WHOLE, most: float = MOST_WHOLE) -> bool:
    """Any number between two limits; NaN lies between none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def figure(args: Args, key: str, otherwise: int = 0) -> int:
    """A whole number that was checked."""
    value = args.get(key, otherwise)
    return value if isinstance(value, int) else otherwise


def inner(value: JsonValue) -> Args:
    """A JSON object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: JsonValue) -> list[Args]:
    """A list of JSON objects; what is none counts as an empty one."""
    return [inner(item) for item in value] if isinstance(value, list) else []
