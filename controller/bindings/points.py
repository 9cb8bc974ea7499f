"""A binding as drivers want it: targets, groups and points. The one place where files and drivers meet."""

from collections.abc import Iterator
from pathlib import Path

from devices.address_map import WordOrder
from devices.drivers import DeviceType, Group, Plausibility, Point, Target, Timing, WriteLimits
from scenarios.binding import Binding, BoundDevice, BoundTag
from scenarios.binding.bound import Place
from sim.tag import DataType, Direction

COUNT = "watchdog"  # `<station>.watchdog`: the point that counts


def target(device: BoundDevice, store: Path | None = None) -> Target:
    """`store`: the folder of certificates for drivers that need one and are given none."""
    return Target(device.url, dict(device.options), store)


def timing(device: BoundDevice) -> Timing:
    return Timing(answer_s=device.answer_s, open_s=device.open_s, lost_after=device.lost_after)


def groups(binding: Binding, device: str) -> tuple[Group, ...]:
    """All that is read from a device, and what is written to it, by the cycles of its groups."""
    points: dict[str, list[Point]] = {}
    for group, point in _points(binding, device):
        points.setdefault(group, []).append(point)
    cycles = binding.devices[device].groups
    return tuple(Group(name, cycles[name], tuple(found)) for name, found in points.items())


def _points(binding: Binding, device: str) -> Iterator[tuple[str, Point]]:
    for station in binding.stations.values():
        if station.device == device:
            for one in station.tags:
                yield one.place.group, point(one)
            if station.arming is not None:
                place = station.arming.watchdog.place
                yield place.group, _point(f"{station.station}.{COUNT}", DataType.UINT, place, WriteLimits(0, 65535))
    for name, _, one in binding.tags.values():
        if name == device:
            yield one.place.group, point(one)
    for signal in binding.devices[device].signals:
        yield signal.place.group, _point(signal.name, DataType(signal.type), signal.place, None)


def point(one: BoundTag) -> Point:
    """Where a tag lies; outputs alone can be written."""
    limits = None
    if one.tag.direction is Direction.OUTPUT:
        limits = WriteLimits(one.write_low, one.write_high, one.most_per_s, one.slew_per_s)
    return _point(one.tag.name, one.tag.type, one.place, limits)


def _point(name: str, kind: DataType, place: Place, limits: WriteLimits | None) -> Point:
    return Point(
        tag=name,
        type=kind,
        address=place.address,
        device_type=DeviceType(place.device_type),
        write_address=place.write_address,
        scale=place.scale,
        offset=place.offset,
        invert=place.invert,
        word_order=WordOrder(place.word_order),
        limits=limits,
        plausible=Plausibility(
            place.low, place.high, place.step_per_s, place.frozen_s, place.quiet_s, place.behind_s, place.ahead_s
        ),
        deadband=place.deadband,
    )  # fmt: skip
