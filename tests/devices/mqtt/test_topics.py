"""Topic names and filters, MQTT 3.1.1 section 4.7."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.mqtt.topics import Subscriptions, matches, overlap, valid_filter

names = st.lists(st.sampled_from(["a", "b", "", "$x", "é"]), min_size=1, max_size=4).map("/".join).filter(bool)
filters = (
    st.lists(st.sampled_from(["a", "b", "", "$x", "+", "é"]), min_size=1, max_size=4)
    .flatmap(lambda levels: st.booleans().map(lambda more: [*levels, "#"] if more else levels))
    .map("/".join)
    .filter(bool)
) | st.just("#")


def highest(subscriptions: Subscriptions[Any, int], topic: str) -> dict[object, int]:
    """Who gets a topic, with the highest QoS of all filters that take it."""
    best: dict[object, int] = {}
    for key, qos in subscriptions.matching(topic):
        best[key] = max(qos, best.get(key, 0))
    return best


@pytest.mark.parametrize(
    ("pattern", "topic", "taken"),
    [
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
        ("#", "a/b", True),
        ("sport/tennis/+", "sport/tennis/player1", True),
        ("sport/tennis/+", "sport/tennis/player1/ranking", False),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("#", "$SYS/x", False),
        ("+/x", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
        ("$SYS/+", "$SYS/x", True),
        ("a/+/c", "a/$b/c", True),
        ("A/b", "a/b", False),
    ],
)
def test_matching_as_the_standard_says(pattern: str, topic: str, taken: bool) -> None:
    """[MQTT-4.7.1-2, 4.7.1-3, 4.7.2-1, 4.7.3-4]: the examples of the standard and their opposites."""
    subscriptions: Subscriptions[str, int] = Subscriptions()
    subscriptions.add("me", pattern, 1)
    assert matches(pattern, topic) is taken
    assert highest(subscriptions, topic) == ({"me": 1} if taken else {})


@pytest.mark.parametrize("pattern", ["", "a#", "a/#/b", "#/a", "a+", "+a/b", "a/+b", "##", "++"])
def test_filters_that_are_none(pattern: str) -> None:
    assert not valid_filter(pattern)


@pytest.mark.parametrize("pattern", ["#", "+", "/", "a/#", "+/+/#", "a//b", " ", "a/+/b", "$SYS/#"])
def test_filters_that_are_good(pattern: str) -> None:
    assert valid_filter(pattern)


@given(st.dictionaries(st.tuples(st.integers(0, 3), filters), st.integers(0, 2), max_size=12), names)
def test_the_tree_finds_whom_matching_finds(subscribed: dict[tuple[int, str], int], topic: str) -> None:
    subscriptions: Subscriptions[int, int] = Subscriptions()
    wanted: dict[int, int] = {}
    for (who, pattern), qos in subscribed.items():
        subscriptions.add(who, pattern, qos)
        if matches(pattern, topic):
            wanted[who] = max(qos, wanted.get(who, 0))
    assert highest(subscriptions, topic) == wanted


@given(st.lists(filters, max_size=10), names)
def test_nothing_is_left_of_removed_subscriptions(patterns: list[str], topic: str) -> None:
    subscriptions: Subscriptions[int, int] = Subscriptions()
    for pattern in patterns:
        subscriptions.add(1, pattern, 0)
    for pattern in patterns:
        subscriptions.remove(1, pattern)
        subscriptions.remove(1, "never/there")
    assert highest(subscriptions, topic) == {}
    assert not subscriptions._root.below


@given(filters, filters, names)
def test_filters_that_share_a_topic_overlap(one: str, other: str, topic: str) -> None:
    if matches(one, topic) and matches(other, topic):
        assert overlap(one, other)
        assert overlap(other, one)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("#", "lab/#", True),
        ("lab", "lab/#", True),
        ("+", "lab/#", True),
        ("+/x", "lab/#", True),
        ("labs/#", "lab/#", False),
        ("/lab/#", "lab/#", False),
        ("$SYS/#", "#", False),
        ("a/+/c", "a/b", False),
    ],
)
def test_overlap(one: str, other: str, shared: bool) -> None:
    assert overlap(one, other) is shared
