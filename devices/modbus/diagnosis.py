"""Why is everything zero? What a client asked, against the address map, in words for a person. Sans-I/O.

Each finding is one small function over what one client asked; a table names them in the order in which they help.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pymodbus.constants import ExcCodes

from devices.address_map import Address, AddressMap, Table, WordOrder
from devices.endpoint import LineView
from devices.modbus.record import Asked, Record, Stretch
from devices.modbus.words import codec, join, split
from sim.text import Text

READ_TABLES: Mapping[int, Table] = {
    1: Table.COIL, 2: Table.DISCRETE_INPUT, 3: Table.HOLDING_REGISTER, 4: Table.INPUT_REGISTER, 5: Table.COIL,
    6: Table.HOLDING_REGISTER, 15: Table.COIL, 16: Table.HOLDING_REGISTER, 22: Table.HOLDING_REGISTER,
    23: Table.HOLDING_REGISTER,
}  # fmt: skip
READS = (1, 2, 3, 4)
NAMES = {
    Table.COIL: Text("线圈", "coils"), Table.DISCRETE_INPUT: Text("离散输入", "discrete inputs"),
    Table.HOLDING_REGISTER: Text("保持寄存器", "holding registers"),
    Table.INPUT_REGISTER: Text("输入寄存器", "input registers"),
}  # fmt: skip
READ_BY = {Table.COIL: 1, Table.DISCRETE_INPUT: 2, Table.HOLDING_REGISTER: 3, Table.INPUT_REGISTER: 4}
TWIN = {
    Table.COIL: Table.DISCRETE_INPUT, Table.DISCRETE_INPUT: Table.COIL,
    Table.HOLDING_REGISTER: Table.INPUT_REGISTER, Table.INPUT_REGISTER: Table.HOLDING_REGISTER,
}  # fmt: skip
NOTATIONS = ((1, 40001, Table.HOLDING_REGISTER), (1, 30001, Table.INPUT_REGISTER), (1, 10001, Table.DISCRETE_INPUT))


@dataclass(frozen=True, slots=True)
class ClientDiagnosis:
    """One client as the diagnosis page shows it."""

    client: str
    way: str
    seconds: float  # since it connected
    requests: Mapping[int, int]  # by function code
    exceptions: Mapping[int, int]  # by exception code
    units: Sequence[int]
    last: Sequence[tuple[float, Asked]]  # seconds ago, newest last
    hints: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Case:
    """What the findings look at."""

    record: Record
    places: Mapping[Table, Mapping[int, Address]]  # the tag at each address, wider views included
    view: LineView
    wide: int  # where the 32-bit view begins
    wider: int

    def stretches(self, functions: Sequence[int]) -> Iterator[tuple[Stretch, Table, range]]:
        for stretch in self.record.stretches.values():
            asked = stretch.last
            if asked.function in functions and asked.function in READ_TABLES:
                yield stretch, READ_TABLES[asked.function], range(asked.address, asked.address + max(asked.count, 1))

    def tags(self, table: Table, addresses: range) -> list[Address]:
        at = self.places[table]
        return [at[a] for a in addresses if a in at]


def diagnose(records: Iterable[Record], addresses: AddressMap, view: LineView) -> list[ClientDiagnosis]:
    """Of each client its counters, the last requests, and everything that looks wrong about them."""
    where, scheme = places(addresses), addresses.scheme
    return [_diagnosis(Case(record, where, view, scheme.wide, scheme.wider)) for record in records]


def _diagnosis(case: Case) -> ClientDiagnosis:
    record, now_s = case.record, case.view.clock.monotonic()
    return ClientDiagnosis(
        client=record.client.name,
        way=record.way,
        seconds=now_s - record.since_s,
        requests=dict(record.requests),
        exceptions=dict(record.exceptions),
        units=sorted(record.units),
        last=[(now_s - asked.at_s, asked) for asked in record.last],
        hints=[hint for finding in FINDINGS for hint in finding(case)],
    )


def places(addresses: AddressMap) -> dict[Table, dict[int, Address]]:
    """Every address that holds a tag, with that tag."""
    found: dict[Table, dict[int, Address]] = {table: {} for table in Table}
    for address in addresses:
        place = address.modbus
        found[place.table][place.address] = address
        for start, words in ((place.address_32, 2), (place.address_64, 4)):
            if start is not None:
                found[place.table] |= dict.fromkeys(range(start, start + words), address)
    return found


# ---- findings --------------------------------------------------------------------------------------------------------


def _nothing_asked(case: Case) -> Iterator[Text]:
    if not case.record.requests:
        yield Text(
            "已连接, 但还没有任何请求: 检查轮询是否启用, 轮询间隔和触发条件。",
            "Connected, but nothing was asked yet: is polling enabled, with an interval and a trigger?",
        )


def _notation(case: Case) -> Iterator[Text]:
    """An address of people's tables where the protocol wants one from zero."""
    for stretch, table, addresses in case.stretches((*READS, 5, 6, 15, 16)):
        for _, first, of in NOTATIONS:
            if stretch.last.exception == ExcCodes.ILLEGAL_ADDRESS and of is table and addresses.start >= first - 1:
                zero = addresses.start - first
                yield Text(
                    f"请求了地址 {addresses.start}: 这是 {first} 计数法。协议地址从零开始, 应为 {max(zero, 0)}。",
                    f"Address {addresses.start} was asked: that is {first} notation. Addresses on the wire count from "
                    f"zero: {max(zero, 0)}.",
                )
                return


def _outside(case: Case) -> Iterator[Text]:
    for stretch, table, addresses in case.stretches((*READS, 5, 6, 15, 16)):
        if stretch.last.exception == ExcCodes.ILLEGAL_ADDRESS and addresses.start < min(n[1] for n in NOTATIONS) - 1:
            shown = f"{addresses.start} .. {addresses.stop - 1}"
            yield Text(
                f"{NAMES[table].zh} {shown} 不全在地址表内 (异常 02): 减小起始地址或数量。",
                f"{NAMES[table].en.capitalize()} {shown} are not all in the map (exception 02): start lower or ask for "
                "fewer.",
            )


def _holes(case: Case) -> Iterator[Text]:
    """Reads that meet no tag: off by one, or the other table."""
    for stretch, table, addresses in case.stretches(READS):
        if stretch.last.exception or case.tags(table, addresses):
            continue
        shown = f"{addresses.start} .. {addresses.stop - 1}"
        twin = TWIN[table]
        there = case.tags(twin, addresses)
        if there:
            yield Text(
                f"功能码 {READ_BY[table]} 读到的{NAMES[table].zh} {shown} 没有信号, 所以全为 0; "
                f"{there[0].name} 在{NAMES[twin].zh}, 用功能码 {READ_BY[twin]}。",
                f"Function {READ_BY[table]} reads {NAMES[table].en} {shown}, where there is no signal, so all is 0; "
                f"{there[0].name} is among the {NAMES[twin].en}: function {READ_BY[twin]}.",
            )
            continue
        beside = [a for by in (-1, 1) for a in case.tags(table, range(addresses.start + by, addresses.stop + by))]
        if beside:
            at = beside[0].modbus.address
            yield Text(
                f"{NAMES[table].zh} {shown} 没有信号, 旁边的 {at} 才是 {beside[0].name}: 差一, "
                "检查地址从 0 还是从 1 计数。",
                f"There is no signal at {NAMES[table].en} {shown}, but {beside[0].name} is beside it, at {at}: off by "
                "one; does the tool count from 0 or from 1?",
            )
        else:
            yield Text(
                f"{NAMES[table].zh} {shown} 没有信号, 所以全为 0: 见地址表。",
                f"There is no signal at {NAMES[table].en} {shown}, so all is 0: see the address map.",
            )


def _half(case: Case) -> Iterator[Text]:
    """Half of a 32-bit value."""
    for _, table, addresses in case.stretches((3, 4)):
        at = addresses.start
        if case.wide <= at < case.wider and (at % 2 or len(addresses) % 2) and case.tags(table, addresses):
            even = at & ~1
            yield Text(
                f"32 位数值占两个寄存器, 从偶数地址开始: 从 {even} 读偶数个寄存器。",
                f"A 32-bit value takes two registers from an even address: read an even number of them from {even}.",
            )


def _word_order(case: Case) -> Iterator[Text]:
    """What the first 32-bit value that is polled would be in each word order."""
    for stretch, table, addresses in case.stretches((3, 4)):
        found = [a for a in case.tags(table, addresses) if a.modbus.address_32 in addresses]
        value = next(((a, v) for a in found if (v := case.view.read(a.index).value)), None)
        if stretch.last.exception or value is None:
            continue
        address, number = value
        order = address.modbus.word_order or WordOrder.ABCD
        own = codec(address).wide
        words = split(own.to_bits(number), order)
        readings = ", ".join(f"{o.value} {own.from_bits(join(words, o)):.6g}" for o in WordOrder)
        raw = f"{words[0]:04X} {words[1]:04X}"
        yield Text(
            f"{address.name} 现为 {number:g}, 寄存器 {raw}; 按各字节序读作: {readings}。本表为 {order.value}。",
            f"{address.name} is {number:g} now, registers {raw}; read as {readings}. This map is {order.value}.",
        )
        return


def _really_zero(case: Case) -> Iterator[Text]:
    for stretch, table, addresses in case.stretches(READS):
        tags = case.tags(table, addresses)
        if tags and not stretch.last.exception and stretch.last.zeros and stretch.times > 1:
            shown = f"{addresses.start} .. {addresses.stop - 1}"
            yield Text(
                f"{NAMES[table].zh} {shown} 有 {len(tags)} 个信号, 它们现在确实都是 0。",
                f"{NAMES[table].en.capitalize()} {shown} hold {len(tags)} signals, and all of them really are 0 now.",
            )


_SAID = {
    ExcCodes.ILLEGAL_FUNCTION: Text(
        "使用了不支持的功能码 (异常 01): 可用 1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43/14。",
        "A function that is not there (exception 01): 1, 2, 3, 4, 5, 6, 15, 16, 22, 23 and 43/14 are.",
    ),
    ExcCodes.ILLEGAL_VALUE: Text(
        "数量、长度或数值不允许 (异常 03): 一次最多 2000 位或 125 个寄存器, 数值须在量程内。",
        "Count, length or value is not allowed (exception 03): at most 2000 bits or 125 registers, values in range.",
    ),
    ExcCodes.DEVICE_FAILURE: Text(
        "写入被拒 (异常 04): 该站不由 Modbus 控制, 或由另一个客户端控制。把钥匙开关转到 Modbus。",
        "Writes are refused (exception 04): the station is not in Modbus control, or another client has it. Turn its "
        "key switch to Modbus.",
    ),
    ExcCodes.DEVICE_BUSY: Text(
        "写入被拒 (异常 06): 产线已暂停, 或当前 PackML 状态不允许。",
        "Writes are refused (exception 06): the line is paused, or its PackML state forbids it now.",
    ),
    ExcCodes.GATEWAY_NO_RESPONSE: Text("产线未运行 (异常 0B)。", "The line does not run (exception 0B)."),
}


def _exceptions(case: Case) -> Iterator[Text]:
    for code, said in _SAID.items():
        if any(asked.exception == code for asked in case.record.last):
            yield said


Finding = Callable[[Case], Iterator[Text]]
FINDINGS: Sequence[Finding] = (
    _nothing_asked, _notation, _outside, _holes, _half, _exceptions, _word_order, _really_zero,
)  # fmt: skip
