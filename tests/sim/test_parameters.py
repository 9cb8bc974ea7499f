"""Every parameter that is not fixed has a test that changes and restores it in mid-operation: see `parameters.py`."""

from importlib import import_module
from pathlib import Path

from sim.components import KINDS
from tests.sim.parameters import COVERED, to_cover


def register() -> None:
    """Import all that registers tests."""
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        if "parameters import" in path.read_text("utf-8"):
            import_module(".".join(path.relative_to(Path(__file__).parents[2]).with_suffix("").parts))


def test_every_parameter_is_changed_and_restored_by_some_test() -> None:
    register()
    missing = sorted(to_cover() - COVERED)
    assert not missing, "no test changes and restores: " + ", ".join(f"{kind}.{name}" for kind, name in missing)


def test_no_test_claims_a_parameter_that_is_not_there() -> None:
    register()
    unknown = sorted((kind, name) for kind, name in COVERED if kind not in KINDS or (kind, name) not in to_cover())
    assert not unknown
