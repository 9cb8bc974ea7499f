"""The address space of every shipped line, looked at by the picky crawler: with companion models and without."""

import pytest

from devices.opcua.check import Check
from devices.opcua.model.companion import Companion
from devices.opcua.model.live import Live
from devices.opcua.nodes import ModelSettings, line_space
from scenarios.catalogue import Catalogue
from sim.components import KINDS
from sim.tags import line_tags
from tests.devices.fake_line import FakeLine


@pytest.mark.long
@pytest.mark.parametrize("companion", list(Companion))
@pytest.mark.parametrize("name", Catalogue().lines())
def test_nothing_is_wrong_with_the_nodes_of_a_shipped_line(name: str, companion: Companion) -> None:
    definition = Catalogue().load_line(name)
    line = FakeLine(line=name, tags=line_tags(definition, KINDS))
    settings = ModelSettings(companion, definition=definition)
    plan = settings.plan(line.line, line.tags, 50.0, installed=companion is Companion.AUTO)
    space = line_space(plan)
    live = Live(line, space.model.derived)
    found = Check(space.nodes, live.read).problems(lambda one: one.NamespaceIndex in (2, 3))
    assert [str(one) for one in found] == []
