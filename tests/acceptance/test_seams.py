"""One fault for each seam, begun over REST by the instructor, seen alike on all wires, ended: the line recovers."""

import asyncio
from typing import Any

from tests.acceptance.lab import Lab
from tests.acceptance.wires import WireClient, all_wires, eventually, printed_map


def begin(lab: Lab, fault: str, target: str, **own: Any) -> str:
    return str(lab.ask("POST", "/faults", {"fault": fault, "target": target, **own}, role="instructor")["id"])


def end(lab: Lab, id: str) -> None:
    lab.ask("DELETE", f"/faults/{id}", role="instructor")


async def alike(wires: dict[str, WireClient], name: str, value: bool | float, seconds: float = 3) -> None:
    """Every wire comes to say the same."""
    for wire, client in wires.items():

        async def says(client: WireClient = client) -> bool:
            return await client.read(printed_map()[name]) == value

        await eventually(says, seconds, f"{name} = {value} on {wire}")


async def count(wire: WireClient, name: str) -> float:
    return await wire.read(printed_map()[name])


async def test_signal_a_photo_eye_stuck(lab: Lab) -> None:
    async with all_wires(lab) as wires:
        await alike(wires, "sorting.eye_1", False)
        id = begin(lab, "photo_eye_stuck", "sorting.eye_1", value=True)
        await alike(wires, "sorting.eye_1", True)
        end(lab, id)
        await alike(wires, "sorting.eye_1", False)


async def test_parameter_a_belt_slips(lab: Lab) -> None:
    """The command says 200 mm/s all the time; the belt is 0.8 of it, give or take the noise of its sensor."""

    async def speed(client: WireClient) -> float:
        return await client.read(printed_map()["infeed.belt_speed_actual"])

    async with all_wires(lab) as wires:
        for low, high in ((190, 210), (150, 170), (190, 210)):
            if low == 150:
                id = begin(lab, "belt_slip", "infeed.belt", share="80 %")
            for wire, client in wires.items():

                async def between(client: WireClient = client, low: int = low, high: int = high) -> bool:
                    return low < await speed(client) < high

                await eventually(between, 5, f"{low} to {high} mm/s on {wire}")
            if low == 150:
                end(lab, id)
            await alike(wires, "infeed.belt_speed", 200)


async def test_disturbance_a_part_jams(make_lab: Any) -> None:
    """The belt runs and nothing comes through it; when the fault has ended the parts go on."""
    lab = make_lab("--speed", "10").start()
    async with all_wires(lab) as wires:
        id = begin(lab, "part_jam", "machining.belt")
        await asyncio.sleep(5)  # 50 s of the line: three parts and more would have come
        numbers = {await count(client, "machining.parts_out") for client in wires.values()}
        assert numbers == {0}
        await alike(wires, "machining.belt_run", True)
        end(lab, id)
        for wire, client in wires.items():

            async def through(client: WireClient = client) -> bool:
                return await count(client, "machining.parts_out") >= 3

            await eventually(through, 10, f"parts come through on {wire}")


async def test_link_modbus_answers_late_and_nothing_else(lab: Lab) -> None:
    loop = asyncio.get_running_loop()

    async def seconds(client: WireClient) -> float:
        best = 9.0
        for _ in range(3):
            began = loop.time()
            await client.read(printed_map()["sorting.eye_1"])
            best = min(best, loop.time() - began)
        return best

    async with all_wires(lab) as wires:
        id = begin(lab, "modbus_late", "modbus")
        took = {wire: await seconds(client) for wire, client in wires.items()}
        assert took["modbus"] >= 0.3
        assert max(took["opcua"], took["mqtt"]) < 0.3
        end(lab, id)

        async def prompt() -> bool:
            return await seconds(wires["modbus"]) < 0.3

        await eventually(prompt, 5, "Modbus is prompt again")
