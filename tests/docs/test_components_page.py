"""The generated page of all components is that of the code, and leaves no kind out."""

from docs.components_page import OTHER, components_page, families
from docs.generate import FOLDER
from sim.components import KINDS


def test_the_page_is_that_of_the_code() -> None:
    assert (FOLDER / "components.md").read_text("utf-8") == components_page(), "run `python -m docs.generate`"


def test_every_kind_has_its_family() -> None:
    found = families()
    assert [kind.name for kind in found.get(OTHER, [])] == []
    assert {kind.name for kinds in found.values() for kind in kinds} == {k.name for k in KINDS.values() if not k.flow}


def test_every_parameter_signal_and_disturbance_is_on_the_page_in_both_languages() -> None:
    page = components_page()
    for kind in KINDS.values():
        if kind.flow:
            continue
        section = page.partition(f"\n### {kind.name}\n")[2].partition("\n### ")[0]
        for named in (*kind.parameters, *kind.joins, *kind.disturbances):
            assert f"`{named.name}`" in section, f"{kind.name}.{named.name}"
        for named in (*kind.parameters, *kind.ports, *kind.joins, *kind.disturbances):
            assert named.title.zh in section, f"{kind.name}: {named.title}"
            assert named.title.en in section, f"{kind.name}: {named.title}"
