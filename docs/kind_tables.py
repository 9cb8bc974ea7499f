"""Tables of what a kind of component takes, for the generated pages: one row for each parameter, law and join."""

from collections.abc import Iterator

from sim import units
from sim.spec import Kind, Parameter

_LARGEST = 2**53  # no limit but that of exact numbers


def kind_tables(kind: Kind) -> Iterator[str]:
    """What a line file says of a component of this kind."""
    rows = [*_laws(kind), *_parameters(kind), *_joins(kind), *_tables(kind)]
    if rows:
        yield "| key | takes | default | |"
        yield "|---|---|---|---|"
        yield from rows
        yield ""


def kind_states(kind: Kind) -> Iterator[str]:
    """The states in which its time is counted, and what its cycle is."""
    if not kind.states or kind.cycle is None:
        return
    named = ", ".join(f"`{state.name}` {state.title.en} / {state.title.zh}" for state in kind.states)
    yield f"Time is counted in: {named}. A cycle: {kind.cycle.en} / {kind.cycle.zh}."
    yield ""


def _laws(kind: Kind) -> Iterator[str]:
    for law in kind.laws:
        yield f"| `{law.name}` | law of times | {_default(law.default)} | {law.title.en} / {law.title.zh} |"


def _parameters(kind: Kind) -> Iterator[str]:
    for given in kind.parameters:
        title = f"{given.title.en} / {given.title.zh}"
        yield f"| `{given.name}` | {_takes(given)} | {_default(given.default)} | {title} |"


def _default(default: str | None) -> str:
    return "must be given" if default is None else default or "none"


def _takes(given: Parameter) -> str:
    if given.choices:
        return ", ".join(f"`{choice}`" for choice in given.choices)
    many = "list of " if given.many else ""
    return f"{many}{given.dimension}{_limits(given)}{', *fixed*' if given.fixed or given.many else ''}"


def _limits(given: Parameter) -> str:
    """The range, where it says more than `not negative`."""
    if given.dimension == "flag":
        return ""
    low = "" if given.low in (0, 1) else units.format(given.low, given.dimension)
    high = "" if given.high >= _LARGEST else units.format(given.high, given.dimension)
    if low and high:
        return f", {low} to {high}"
    return f", at least {low}" if low else f", at most {high}" if high else ""


def _joins(kind: Kind) -> Iterator[str]:
    for join in kind.joins:
        one = " or ".join(join.kinds)
        takes = f"{one}, or a list" if join.many else one
        default = "must be given" if join.required else ""
        yield f"| `{join.name}` | {takes} | {default} | {join.title.en} / {join.title.zh} |"


def _tables(kind: Kind) -> Iterator[str]:
    for table in kind.tables:
        yield f"| `{table.name}` | rows such as `{table.example}` | | {table.title.en} / {table.title.zh} |"
