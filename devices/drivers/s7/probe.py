"""What an S7 controller has: its data blocks with their sizes, and the words in them as they are now.

A controller does not say what its bytes mean: each word of a block is listed as an INT, to be edited.
"""

import asyncio

from devices.drivers.discovery import Discovery, Found, ProbeLimits
from devices.drivers.point import DeviceType
from devices.drivers.reason import Lost
from devices.drivers.s7.link import Prober, Refused, S7Link

MOST_BLOCKS = 1000
PIECE = 200  # bytes read at once


async def discover(link: S7Link, limits: ProbeLimits) -> Discovery:
    """Data blocks whose numbers are within the limits. Raises `Lost`."""
    found: list[Found] = []
    notes: list[str] = []
    try:
        client = await link.connect()
        prober = Prober(client)
        try:
            async with asyncio.timeout(limits.most_s):
                complete = await _blocks(prober, limits, found, notes)
                identity = await prober.identity()
        except TimeoutError:
            complete, identity = False, ""
        return Discovery(tuple(found), complete, tuple(notes), identity)
    except Refused as refusal:
        raise Lost(str(refusal)) from refusal
    finally:
        await link.close()


async def _blocks(prober: Prober, limits: ProbeLimits, found: list[Found], notes: list[str]) -> bool:
    try:
        numbers = await prober.blocks(MOST_BLOCKS)
    except Refused as refusal:
        notes.append(f"the controller does not list its data blocks: {refusal}")
        return False
    wanted = [number for number in sorted(numbers) if limits.first <= number <= limits.last]
    if len(wanted) < len(numbers):
        notes.append(f"{len(numbers) - len(wanted)} data blocks outside {limits.first} to {limits.last} left out")
    for number in wanted:
        await asyncio.sleep(limits.pause_s)
        if not await _words(prober, number, limits, found, notes):
            return False
    return len(wanted) == len(numbers) < MOST_BLOCKS


async def _words(prober: Prober, number: int, limits: ProbeLimits, found: list[Found], notes: list[str]) -> bool:
    """The words of a block; False where the limit is reached."""
    try:
        data = await prober.block(number, PIECE)
    except Refused as refusal:
        notes.append(f"DB{number}: {refusal} (is access over PUT/GET allowed, and the block not optimised?)")
        return True
    notes.append(f"DB{number}: {len(data)} bytes")
    for offset in range(0, len(data) - 1, 2):
        if len(found) >= limits.most_found:
            return False
        word = int.from_bytes(data[offset : offset + 2], "big", signed=True)
        found.append(Found(f"DB{number}.DBW{offset}", DeviceType.INT, f"DB{number}", word))
    return True
