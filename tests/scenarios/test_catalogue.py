"""What is shipped is good; a base's own folder adds to it."""

from pathlib import Path

import pytest

import scenarios
from scenarios.catalogue import Catalogue, check_file
from scenarios.faulting import resolve, targets
from scenarios.file_error import FileErrors
from sim import units
from sim.components import KINDS
from sim.inputs import Input
from sim.line import Line
from sim.spec import Kind
from sim.tags import line_tags
from tests.scenarios.kinds import KINDS as SMALL
from tests.scenarios.sample import FILES, GOOD

SHIPPED = sorted(Path(scenarios.__file__).parent.rglob("*.yaml"))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "small-line.yaml").write_text(GOOD, "utf-8")
    return tmp_path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_is_good_and_named_as_what_it_describes(path: Path) -> None:
    assert check_file(path) == []
    assert f": {path.stem}\n" in path.read_text("utf-8")


def test_one_shipped_fault_for_each_seam() -> None:
    seams = {seam for fault in Catalogue().faults().values() for seam in fault.seams}
    assert {"signal", "parameter", "disturbance", "link"} <= seams


def test_an_own_folder_adds_lines(own: Path) -> None:
    catalogue = Catalogue([own], SMALL)
    assert "small-line" in catalogue.lines()
    assert catalogue.load_line("small-line").name == "small-line"
    assert len(line_tags(catalogue.load_line("small-line"), SMALL).stations) == 3


def test_an_own_file_takes_the_place_of_a_shipped_one(own: Path) -> None:
    (own / "faults").mkdir()
    (own / "faults" / "belt_slip.yaml").write_text((FILES / "slip.yaml").read_text("utf-8"), "utf-8")
    assert Catalogue([own]).faults()["belt_slip"].name == "slip"


def test_a_line_by_its_path(own: Path) -> None:
    assert Catalogue((), SMALL).load_line(str(own / "lines" / "small-line.yaml")).name == "small-line"


def test_an_unknown_line_is_answered_with_close_ones(own: Path) -> None:
    with pytest.raises(FileErrors) as caught:
        Catalogue([own], SMALL).load_line("smal-line")
    assert str(caught.value) == "smal-line: no such line 'smal-line'; did you mean small-line?"


def test_broken_faults_are_named_all_together(own: Path) -> None:
    (own / "faults").mkdir()
    for name in ("one", "two"):
        (own / "faults" / f"{name}.yaml").write_text("fault: x\neffects: []\n", "utf-8")
    with pytest.raises(FileErrors) as caught:
        Catalogue([own]).faults()
    assert {error.path.stem for error in caught.value.errors} == {"one", "two"}


def test_a_file_of_no_kind_says_what_it_could_begin_with(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("recipe: soup\n", "utf-8")
    said = str(check_file(path)[0])
    assert said == f"{path}:1: recipe: a file begins with the key `line`, `fault`, `scenario`, `condition` or `binding`"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_default_of_every_kind_is_good(kind: Kind) -> None:
    for parameter in kind.parameters:
        if parameter.choices:
            assert parameter.default in parameter.choices
            continue
        for text in (parameter.default or "").split(","):
            if text.strip():
                assert parameter.low <= units.parse(text, parameter.dimension) <= parameter.high, parameter.name


def test_every_shipped_fault_has_targets_and_the_line_takes_it_at_each() -> None:
    catalogue = Catalogue()
    faults = catalogue.faults()
    aimed: set[str] = set()
    for name in ("smart-factory", "machining-cell", "matrix-production", "filling-tank", "buffer-station"):
        line = Line(catalogue.load_line(name), 1)
        for fault in faults.values():
            for target in targets(fault, line.definition, line.tags):
                args = resolve(fault, target, {}, line.definition, line.tags)
                assert line.check(Input("fault", {"id": "f1", **args})) == (None,), (name, fault.name, target)
                aimed.add(fault.name)
    assert aimed == set(faults)


def test_names_of_one_line_and_of_what_is_broken(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "broken.yaml").write_text("scenario: [", "utf-8")
    found = Catalogue([tmp_path]).scenario_names("sorting-by-colour")
    assert found == ["broken", "supply_runs_dry"]
    assert "smart_factory_warm" in Catalogue().condition_names("smart-factory")
    assert Catalogue().condition_names("sorting-by-colour") == []


def test_numbers_of_the_catalogue_are_there_once() -> None:
    numbers = [fault.number for fault in Catalogue().faults().values() if fault.number is not None]
    assert len(numbers) == len(set(numbers))
