"""What must hold of any line at any instant: checked by looking at every component, not by listening."""

from collections import Counter
from itertools import pairwise

from sim.components.belt import Belt
from sim.components.deck import Deck, Entry
from sim.handover import beneath
from sim.invariants import Holder
from sim.line import Line


def places(line: Line) -> Counter[int]:
    """How often each serial is somewhere on the line."""
    found: Counter[int] = Counter()
    for component in line.plant.components.values():
        if isinstance(component, Holder):
            found.update(component.holds())
    return found


def heads(belt: Belt) -> list[tuple[int, int]]:
    """Serial and head of each part on a belt, foremost first, from its state alone."""
    at = belt.s.travel.at(belt.now)
    found = [
        (serial, (group.x if group.held != -1 else group.x + at) - belt.pitch * k)
        for group in belt.s.groups
        for k, serial in enumerate(group.parts)
    ]
    if belt.s.way > 0:
        return found
    return [(serial, belt.length + belt.size - head) for serial, head in reversed(found)]


def check(line: Line) -> None:
    """Every part is in one place, none overlap, reservations and counts agree."""
    parts = line.plant.parts
    found = places(line)
    assert found == dict.fromkeys(parts.by_serial, 1), f"lost or doubled at {line.now_ns}: {found}"
    assert parts.made == len(parts.by_serial) + parts.gone
    assert parts.good + parts.rejected == sum(parts.ends.values())
    unfinished = sum(not part.finished for part in parts.by_serial.values())
    assert parts.made == parts.good + parts.rejected + parts.removed + parts.merged + unfinished
    belts = [c for c in line.plant.components.values() if isinstance(c, Belt)]
    for belt in belts:
        _check_belt(belt, belts)
    for deck in line.plant.components.values():
        if isinstance(deck, Deck):
            _check_deck(deck)


def _check_deck(deck: Deck) -> None:
    """One part at most, within the deck unless it leaves; what lies on the neighbour is out of its way."""
    s, at = deck.s, abs(deck.s.travel.at(deck.now))
    assert not (s.serial and s.incoming), f"{deck.name} holds a part and awaits another at {deck.now}"
    assert at <= (deck.edge if s.leaving == -1 else deck.away), f"{deck.name} at {deck.now}"
    for border, serial in deck.handing():
        sink = beneath(border)
        if isinstance(sink, Belt):
            assert sink.s.incoming == serial
            assert all(head - sink.pitch >= at - deck.edge for _, head in heads(sink)[-1:]), deck.name


def _check_belt(belt: Belt, belts: list[Belt]) -> None:
    on = heads(belt)
    for (first, ahead), (second, behind) in pairwise(on):
        assert ahead - behind >= belt.pitch, f"{belt.name}: {second} overlaps {first} at {belt.now}"
    for serial, head in on:
        least = 0 if serial == belt.s.backing else belt.size
        assert least <= head <= belt.length + (belt.size if serial == belt.s.leaving else 0), f"{belt.name} {serial}"
    if belt.s.leaving:
        assert on[0][0] == belt.s.leaving
        _check_straddling(belt, on[0][1] - belt.length)
    coming = [b.s.leaving for b in belts if beneath(b.sink) is belt and b.s.leaving]
    coming += [b.s.backing for b in belts if beneath(b.back) is belt and b.s.backing]
    handers = [c for c in belt.plant.components.values() if hasattr(c, "handing")]
    coming += [serial for c in handers for sink, serial in c.handing() if beneath(sink) is belt]
    assert coming == ([belt.s.incoming] if belt.s.incoming else []), f"{belt.name} keeps a place for nobody"


def _check_straddling(belt: Belt, out: int) -> None:
    """The head that is out over the next belt does not touch what lies there."""
    sink = beneath(belt.sink)
    if isinstance(sink, Entry):
        assert not sink.deck.s.serial, f"{belt.name} runs onto {sink.deck.name} at {belt.now}"
        assert sink.deck.s.incoming == belt.s.leaving
    if not isinstance(sink, Belt):
        return
    following = heads(sink)
    if following:
        assert following[-1][1] - belt.pitch >= out, f"{belt.name} runs into {following[-1][0]} at {belt.now}"
