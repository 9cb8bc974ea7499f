"""The table: every kind of component has its place in it, and what a repair needs is offered."""

from sim.components import KINDS
from sim.maintenance.operation import TITLES, Operation
from sim.maintenance.table import CATEGORIES, KIND_CATEGORIES, category_of


def test_every_kind_is_maintained_and_nothing_else() -> None:
    assert set(KIND_CATEGORIES) == set(KINDS)


def test_everything_can_be_looked_at_and_measured_without_a_lock() -> None:
    for category in CATEGORIES.values():
        for operation in (Operation.INSPECT, Operation.MEASURE):
            assert category.works[operation].lock_out is False, category.name


def test_everything_offers_every_operation() -> None:
    """Else what is not offered would say that it is not to blame."""
    for category in CATEGORIES.values():
        assert set(category.works) == set(Operation), category.name


def test_what_is_replaced_has_a_spare_part_with_a_price() -> None:
    for category in CATEGORIES.values():
        assert (Operation.REPLACE in category.works) == (category.spare is not None), category.name
        assert category.spare is None or (category.spare.price > 0 and category.spare.stock > 0)


def test_work_on_what_moves_wants_a_lock() -> None:
    assert category_of("belt").works[Operation.CLEAN].lock_out
    assert category_of("cylinder").works[Operation.REPLACE].lock_out
    assert not category_of("photo_eye").works[Operation.CLEAN].lock_out


def test_each_operation_has_a_title_in_both_languages() -> None:
    assert set(TITLES) == set(Operation)
    assert all(title.zh and title.en for title in TITLES.values())
