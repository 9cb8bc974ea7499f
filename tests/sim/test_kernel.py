"""The kernel: order keys decide, due fields decide, and nothing wakes without end."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kernel import STALE, Kernel, LineError, Wakeable
from sim.travel import NEVER


@dataclass(slots=True)
class Due:
    due: list[int] = field(default_factory=lambda: [NEVER, NEVER])


class Bell(Wakeable):
    """Notes each of its wakes."""

    SLOTS = ("first", "second")

    def __init__(self, kernel: Kernel, name: str, rung: list[tuple[int, str, int]]) -> None:
        super().__init__(kernel, name)
        self.s, self.rung = Due(), rung

    def first(self) -> None:
        self.rung.append((self.kernel.now_ns, self.name, 0))

    def second(self) -> None:
        self.rung.append((self.kernel.now_ns, self.name, 1))


class Programme(Bell):
    PHASE = 2


class Endless(Bell):
    def second(self) -> None:
        self.wake(1, self.kernel.now_ns)


def bells(*kinds: type[Bell]) -> tuple[Kernel, list[Bell], list[tuple[int, str, int]]]:
    kernel, rung = Kernel(), list[tuple[int, str, int]]()
    members = [kind(kernel, f"{kind.__name__}{i}", rung) for i, kind in enumerate(kinds)]
    kernel.build()
    return kernel, members, rung


@given(st.permutations([(i, slot) for i in range(4) for slot in range(2)]))
def test_one_instant_goes_by_phase_rank_and_slot_whatever_was_armed_first(order: list[tuple[int, int]]) -> None:
    kernel, members, rung = bells(Programme, Bell, Programme, Bell)
    for index, slot in order:
        members[index].wake(slot, 100)
    kernel.advance(100)
    names = ["Bell1", "Bell3", "Programme0", "Programme2"]
    assert rung == [(100, name, slot) for name in names for slot in (0, 1)]


def test_a_wake_planned_anew_forgets_the_old_time() -> None:
    kernel, (bell,), rung = bells(Bell)
    bell.wake(0, 50)
    bell.wake(0, 80)
    bell.wake(1, 60)
    bell.wake(1, NEVER)
    kernel.advance(200)
    assert rung == [(80, "Bell0", 0)]


@given(st.lists(st.sampled_from([10, 20, 30, NEVER]), min_size=1, max_size=12))
def test_only_the_last_word_counts(words: list[int]) -> None:
    kernel, (bell,), rung = bells(Bell)
    for at in words:
        bell.wake(0, at)
    kernel.advance(100)
    assert rung == ([] if words[-1] == NEVER else [(words[-1], "Bell0", 0)])


def test_who_wakes_without_end_is_named() -> None:
    kernel, (_, endless), _ = bells(Bell, Endless)
    endless.wake(1, 70)
    with pytest.raises(LineError, match=r"Endless1\.second wakes without end at 70 ns"):
        kernel.advance(100)


def test_many_wakes_over_time_are_no_endless_ones() -> None:
    kernel, (bell,), rung = bells(Bell)
    for t in range(1, 25_000):
        bell.wake(0, t)
        kernel.advance(t)
    assert len(rung) == 24_999


def test_it_is_the_time_asked_for_after_advancing() -> None:
    kernel, (bell,), _ = bells(Bell)
    bell.wake(0, 50)
    kernel.advance(70)
    assert kernel.now_ns == 70
    kernel.advance(60)
    assert kernel.now_ns == 70


def test_stopped_early_it_is_the_time_of_the_last_wake() -> None:
    kernel, members, rung = bells(*[Bell] * 100)
    for t, bell in enumerate(members):
        bell.wake(0, t + 1)
    assert kernel.advance(1000, lambda: False) is False
    assert kernel.now_ns == rung[-1][0] == 64
    assert kernel.advance(1000, lambda: True) is True
    assert [t for t, _, _ in rung] == list(range(1, 101))


def test_says_when_something_is_due_next() -> None:
    kernel, (bell,), _ = bells(Bell)
    assert kernel.next_due_ns() is None
    bell.wake(0, 50)
    assert kernel.next_due_ns() == 50


def test_what_is_planned_anew_all_day_does_not_fill_the_heap() -> None:
    kernel, (bell, other), rung = bells(Bell, Bell)
    other.wake(1, 70)
    for n in range(10 * STALE):
        bell.wake(0, 10**15 + n)
    assert len(kernel._queue) <= STALE + 4
    bell.wake(0, 50)
    kernel.advance(10**16)
    assert rung == [(50, "Bell0", 0), (70, "Bell1", 1)]


def test_a_time_that_was_planned_anew_is_nothing_due() -> None:
    kernel, (bell,), _ = bells(Bell)
    bell.wake(0, 50)
    bell.wake(0, 80)
    assert kernel.next_due_ns() == 80
    bell.wake(0, NEVER)
    assert kernel.next_due_ns() is None


@given(st.permutations(range(6)))
def test_due_fields_alone_bring_pending_work_back(order: list[int]) -> None:
    kernel, members, rung = bells(Programme, Bell, Bell)
    for index, member in enumerate(members):
        member.s.due[:] = [30, 30 + index]

    def shuffle(pending: list[tuple[int, int]]) -> None:
        pending[:] = [pending[i] for i in order]

    kernel.arm_all(shuffle)
    kernel.advance(100)
    assert [(t, name) for t, name, _ in rung] == [
        (30, "Bell1"), (30, "Bell2"), (30, "Programme0"), (30, "Programme0"), (31, "Bell1"), (32, "Bell2"),
    ]  # fmt: skip
