"""The map of a fake line in every profile, and the sites that read it."""

import pytest

from devices.address_map import AddressMap, Profile
from devices.address_map.exports import Site
from sim.text import Text
from tests.devices.fake_line import table


@pytest.fixture(params=Profile)
def addresses(request: pytest.FixtureRequest) -> AddressMap:
    return AddressMap("smart-factory", table(), profile=request.param)


@pytest.fixture(params=["en", "zh"])
def site(request: pytest.FixtureRequest) -> Site:
    return Site(host="10.0.0.7", modbus_port=5021, language=request.param, title=Text("产线", "Line"))
