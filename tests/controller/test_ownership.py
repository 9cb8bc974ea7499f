"""Who controls a station, by client and second."""

from hypothesis import given
from hypothesis import strategies as st

from controller.ownership import SILENT_S, Ownership
from devices.endpoint import Client, Role, Wire

A, B = (Client(Wire.MODBUS, key, key, Role.TRAINEE) for key in "ab")
SAME_KEY = Client(Wire.MQTT, "a", "a", Role.TRAINEE)


def test_silence_frees_a_station_but_an_owner_that_writes_is_never_silent() -> None:
    ownership = Ownership()
    ownership.claim("sorting", A, 0.0)
    for second in range(1, 30, 9):
        ownership.heard("sorting", A, second)
        ownership.heard("sorting", B, second)  # somebody else's tries do not count
    assert ownership.owner("sorting", 28.0 + SILENT_S - 0.01) == A
    assert ownership.owner("sorting", 28.0 + SILENT_S) is None


def test_another_wire_is_refused_even_with_the_same_key() -> None:
    ownership = Ownership()
    ownership.claim("sorting", A, 0.0)
    assert not ownership.permits("sorting", "modbus", SAME_KEY, 1.0)
    assert ownership.closed(SAME_KEY) == ()
    assert ownership.closed(A) == ("sorting",)


doings = st.tuples(
    st.sampled_from(["write", "close", "turn"]),
    st.sampled_from([A, B, SAME_KEY]),
    st.sampled_from(["s", "t"]),
    st.floats(0.0, 8.0),
)


@given(st.lists(doings, max_size=60))
def test_at_every_moment_at_most_one_client_writes(done: list[tuple[str, Client, str, float]]) -> None:
    ownership, now_s = Ownership(), 0.0
    last: dict[str, tuple[Client, float]] = {}  # who wrote last, and when
    for what, client, station, pause in done:
        now_s += pause
        if what == "close":
            ownership.closed(client)
            last = {s: (c, t) for s, (c, t) in last.items() if (c.wire, c.key) != (client.wire, client.key)}
        elif what == "turn":
            ownership.release(station)
            last.pop(station, None)
        else:
            owner = last.get(station)
            free = owner is None or owner[0] == client or now_s - owner[1] >= SILENT_S
            assert ownership.permits(station, "modbus", client, now_s) == (free and client.wire is Wire.MODBUS)
            if free and client.wire is Wire.MODBUS:
                ownership.claim(station, client, now_s)
                last[station] = (client, now_s)
