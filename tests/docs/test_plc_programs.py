"""The shipped PLC programs against the printed map: every address is that of its tag, everything used is declared.

OpenPLC is not installed here; what it would send by the `mbconfig.cfg` that LineLab prints is sent by hand.
"""

import ast
import re

import pytest
from pymodbus.client import ModbusTcpClient

from tests.acceptance.conftest import lab, one_lab  # noqa: F401  fixtures
from tests.acceptance.lab import ROOT, Lab, linelab
from tests.acceptance.wires import printed_map

ST = ROOT / "docs" / "plc" / "sorting.st"
PYTHON = ROOT / "docs" / "plc" / "sorting.py"
EXPORT = ("map", "smart-factory", "--format", "openplc", "--station", "sorting", "--packml")
LOCATED = re.compile(r"^\s*(\w+) AT (%[IQ][XW][\d.]+) : (\w+);", re.MULTILINE)
WORDS = """
    PROGRAM END_PROGRAM VAR END_VAR AT BOOL INT UINT ARRAY OF R_TRIG F_TRIG CLK Q TRUE FALSE IF THEN
    ELSIF ELSE END_IF FOR TO DO END_FOR AND OR NOT CONFIGURATION END_CONFIGURATION RESOURCE END_RESOURCE
    ON PLC TASK INTERVAL PRIORITY WITH Config0 Res0 Main Inst0 sorting
"""


def code() -> str:
    """The program without its comments, which do not nest."""
    return re.sub(r"\(\*.*?\*\)", "", ST.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_located_variables_are_those_of_the_printed_export() -> None:
    done = linelab(*EXPORT)
    assert done.returncode == 0, done.stderr
    printed = {name: (at, kind) for name, at, kind in LOCATED.findall(done.stdout.replace("#", " "))}
    declared = {name: (at, kind) for name, at, kind in LOCATED.findall(code())}
    assert len(declared) > 30
    assert {name: printed.get(name) for name in declared} == declared


def test_every_name_is_declared_once_and_used() -> None:
    head, _, body = code().rpartition("END_VAR")
    declared = re.findall(r"^\s*(\w+)(?: AT %[\w.]+)? : ", head, re.MULTILINE)
    assert len(declared) == len(set(declared))
    used = set(re.findall(r"(?<![\w#%])[A-Za-z_]\w*", re.sub(r"T#\w+", "", body)))
    assert used - set(declared) - set(WORDS.split()) == set()
    assert set(declared) - used == set()


def test_outputs_are_assigned_and_inputs_are_not() -> None:
    kinds = {name: at[1] for name, at, _ in LOCATED.findall(code())}
    assigned = set(re.findall(r"^\s*(\w+) :=", code().rpartition("END_VAR")[2], re.MULTILINE))
    assert {name for name, kind in kinds.items() if kind == "Q"} <= assigned
    assert {name for name, kind in kinds.items() if kind == "I"} & assigned == set()


@pytest.mark.parametrize(("opens", "closes"), [("IF", "END_IF"), ("FOR", "END_FOR"), ("VAR", "END_VAR")])
def test_blocks_are_closed(opens: str, closes: str) -> None:
    assert len(re.findall(rf"\b{opens}\b", code())) == len(re.findall(rf"\b{closes}\b", code()))


def test_the_python_program_names_the_inputs_as_the_map_has_them() -> None:
    tree = ast.parse(PYTHON.read_text(encoding="utf-8"))
    names = next(
        node.value for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "INPUTS"
    )  # fmt: skip
    inputs = eval(compile(ast.Expression(names), "INPUTS", "eval"))
    found = sorted(
        (tag["modbus"]["address"], tag["name"].partition(".")[2]) for tag in printed_map().values()
        if tag["station"] == "sorting" and tag["modbus"]["table"] == "discrete_input" and tag["direction"] == "input"
    )  # fmt: skip
    assert [(96 + n, name) for n, name in enumerate(inputs)] == found


def test_the_python_program_uses_coils_and_registers_of_the_map() -> None:
    """What it writes beside its block of outputs: PackML commands."""
    place = {name: tag["modbus"]["address"] for name, tag in printed_map().items()}
    expected = {"cmd_reset": 1096, "cmd_start": 1097, "cmd_stop": 1098, "cmd_unhold": 1100, "cmd_clear": 1104}
    assert {signal: place[f"sorting.{signal}"] for signal in expected} == expected
    assert (place["sorting.sc_done"], place["sorting.state"], place["sorting.control"]) == (1106, 1096, 1097)
    outputs = ["lamp_run", "stack_green", "stack_yellow", "stack_red", "ready_to_receive", "part_available", "belt_run"]
    assert [place[f"sorting.{signal}"] for signal in outputs] == list(range(96, 103))
    assert [place[f"sorting.ejector_{k}_extend"] for k in (1, 2, 3)] == [103, 104, 105]
    assert [place[f"sorting.ejector_{k}_colour"] for k in (2, 3)] == [1097, 1098]
    assert place["sorting.reader_colour"] == 97


def test_what_openplc_sends_by_the_printed_mbconfig_is_answered(lab: Lab) -> None:  # noqa: F811
    """OpenPLC v3 drops a connection on any exception, so none may come of a cycle with every output at rest."""
    settings = dict(re.findall(r'^(\w+\.\w+) = "(.*)"$', linelab(*EXPORT).stdout, re.MULTILINE))
    lab.key("sorting", "modbus")
    for device in ("device0", "device1"):
        with ModbusTcpClient("127.0.0.1", port=lab.port("modbus")) as plc:
            for key, ask in (
                ("Discrete_Inputs", plc.read_discrete_inputs),
                ("Input_Registers", plc.read_input_registers),
                ("Coils", lambda start, count: plc.write_coils(start, [False] * count)),
                ("Holding_Registers", lambda start, count: plc.write_registers(start, [0] * count)),
            ):
                start, count = int(settings[f"{device}.{key}_Start"]), int(settings[f"{device}.{key}_Size"])
                if count:
                    answer = ask(start, count=count)
                    assert not answer.isError(), (device, key, answer)
