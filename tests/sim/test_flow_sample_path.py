"""The sample path of a flow line is the recursion of blocking after service, to the nanosecond."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.definition import LineDefinition
from sim.line import Line
from tests.sim.flow_lines import S, figures, flow_definition, ns, tandem

PARTS = 12
TIMES = st.integers(0, 5 * S) | st.sampled_from([0, S, 2 * S])  # equal ones too: many things at one instant
SERVICES = st.lists(TIMES, min_size=1, max_size=PARTS)
BUFFERS = st.integers(0, 4).flatmap(
    lambda capacity: st.tuples(st.just(capacity), st.integers(0, 3 * S) if capacity else st.just(0))
)


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[list[int]], list[tuple[int, int]]]:
    services = draw(st.lists(SERVICES, min_size=1, max_size=7))
    buffers = draw(st.lists(BUFFERS, min_size=len(services) - 1, max_size=len(services) - 1))
    return services, buffers


def recursion(services: list[list[int]], buffers: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """(start, departure) of each part at each station.

    A station starts when it is free and the part is there; a part leaves when it is done and has room: in the buffer,
    whose place the part `capacity` before it has left, or in the next station, without a buffer.
    """
    count = len(services)
    start = [[0] * PARTS for _ in range(count)]
    leave = [[0] * PARTS for _ in range(count)]
    for n in range(PARTS):
        for k in range(count):
            own = leave[k][n - 1] if n else 0
            arrival = leave[k - 1][n] + buffers[k - 1][1] if k else 0
            start[k][n] = max(own, arrival)
            done = start[k][n] + services[k][n % len(services[k])]
            leave[k][n] = max(done, room(k, n, buffers, start, leave)) if k < count - 1 else done
    return [list(zip(start[k], leave[k], strict=True)) for k in range(count)]


def room(k: int, n: int, buffers: list[tuple[int, int]], start: list[list[int]], leave: list[list[int]]) -> int:
    capacity, _ = buffers[k]
    if not capacity:
        return leave[k + 1][n - 1] if n else 0
    return start[k + 1][n - capacity] if n >= capacity else 0


def simulated(services: list[list[int]], buffers: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """The same from the events: a part has left a station when it is at the next place."""
    flow = tandem(
        [{"law": "listed", "values": [ns(t) for t in times]} for times in services],
        [capacity for capacity, _ in buffers],
        [ns(transit) for _, transit in buffers],
    )
    flow["source"]["limit"] = PARTS
    line = Followed(flow_definition(flow), 1)
    line.advance(10_000 * S)
    names = [f"m{k}" for k in range(1, len(services) + 1)]
    return [[(line.came[n, name], line.left[n, name]) for n in range(1, PARTS + 1)] for name in names]


class Followed(Line):
    """Notes when each part came to and left each place, from the first instant on."""

    def _build(self, definition: LineDefinition, seed: int, now_ns: int) -> None:
        super()._build(definition, seed, now_ns)
        self.came: dict[tuple[int, str], int] = {}
        self.left: dict[tuple[int, str], int] = {}
        self.at: dict[int, str] = {}
        self.listen(self._hear)

    def _hear(self, t: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "part" and isinstance(data, list) and isinstance(subject, int):
            if subject in self.at:
                self.left[subject, self.at[subject]] = t
            self.at[subject] = data[1].removeprefix("flow.")
            self.came[subject, self.at[subject]] = t


@settings(max_examples=300)
@given(lines())
def test_every_part_starts_and_leaves_as_the_recursion_says(
    line: tuple[list[list[int]], list[tuple[int, int]]],
) -> None:
    assert simulated(*line) == recursion(*line)


def test_a_full_line_moves_as_one() -> None:
    """Machines without buffers: when the last one gives its part away, all parts move in the same instant."""
    count = 400  # a call inside a call for each of them would be deeper than the stack
    services: list[object] = ["1 ns"] * (count - 1) + ["5 s"]
    line = Followed(flow_definition(tandem(services, [0] * (count - 1))), 1)
    line.advance(6 * S)
    moved = count - 1 + 5 * S
    assert [line.came[2 + count - k, f"m{k}"] for k in range(1, count + 1)] == [moved] * count
    assert figures(line, "sink")["finished"] == 1
