"""What an S7 controller has: its data blocks with their sizes, and the words in them as they are now.

A controller does not say what its bytes mean: each word of a block is listed as an INT, to be edited.
"""

import asyncio

from devices.drivers.discovery import Discovery, Found, ProbeLimits
from devices.drivers.point import DeviceType
from devices.drivers.s7.address import Memory
from devices.drivers.s7.link import Refused, S7Link
from devices.drivers.s7.plan import Span

MOST_BLOCKS = 1000
PIECE = 200  # bytes read at once


async def discover(link: S7Link, limits: ProbeLimits) -> Discovery:
    """Data blocks whose numbers are within the limits. Raises `Lost`."""
    await link.open()
    try:
        found: list[Found] = []
        notes: list[str] = []
        complete = True
        try:
            async with asyncio.timeout(limits.most_s):
                complete = await _blocks(link, limits, found, notes)
        except TimeoutError:
            complete = False
        return Discovery(tuple(found), complete, tuple(notes), await link.identity())
    finally:
        await link.close()


async def _blocks(link: S7Link, limits: ProbeLimits, found: list[Found], notes: list[str]) -> bool:
    try:
        numbers = await link.blocks(MOST_BLOCKS)
    except Refused as refusal:
        notes.append(f"the controller does not list its data blocks: {refusal}")
        return False
    wanted = [number for number in sorted(numbers) if limits.first <= number <= limits.last]
    if len(wanted) < len(numbers):
        notes.append(f"{len(numbers) - len(wanted)} data blocks outside {limits.first} to {limits.last} left out")
    for number in wanted:
        await asyncio.sleep(limits.pause_s)
        if not await _words(link, number, limits, found, notes):
            return False
    return len(wanted) == len(numbers) < MOST_BLOCKS


async def _words(link: S7Link, number: int, limits: ProbeLimits, found: list[Found], notes: list[str]) -> bool:
    """The words of a block; False where the limit is reached."""
    try:
        size = await link.block_size(number)
        notes.append(f"DB{number}: {size} bytes")
        for begin in range(0, size - 1, PIECE):
            span = Span(Memory.BLOCK, number, begin, min(PIECE, size - begin))
            data = (await link.read([span]))[0]
            for offset in range(0, len(data) - 1, 2):
                if len(found) >= limits.most_found:
                    return False
                word = int.from_bytes(data[offset : offset + 2], "big", signed=True)
                found.append(Found(f"DB{number}.DBW{begin + offset}", DeviceType.INT, f"DB{number}", word))
            await asyncio.sleep(limits.pause_s)
    except Refused as refusal:
        notes.append(f"DB{number}: {refusal} (is access over PUT/GET allowed, and the block not optimised?)")
    return True
