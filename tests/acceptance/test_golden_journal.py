"""A session that was recorded live on another machine gives the same events here."""

from sim.journal import read, replay
from tests.acceptance.golden_journal import GOLDEN, TURNS


def test_a_journal_recorded_elsewhere_replays_to_its_digests() -> None:
    with GOLDEN.open(encoding="utf-8", newline="\n") as file:
        journal = read(file)
    assert len(journal.inputs) > 2 * TURNS
    assert {record.by.split()[0] for record in journal.inputs} >= {"modbus", "opcua", "mqtt"}
    found = replay(journal)
    assert found.agrees is True
    assert found.compared >= 1
    assert journal.records[-1].kind == "end"
