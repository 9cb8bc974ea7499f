"""Where-clauses of event filters (OPC 10000-4, 7.7): checked when they are set, judged for each event.

One small function per operator. A comparison with nothing, or of things that do not compare, is neither true nor
false (None); the clause lets an event through only where it is true.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaprotocol_auto import (
    AttributeOperand,
    ContentFilter,
    ContentFilterElement,
    ElementOperand,
    LiteralOperand,
    SimpleAttributeOperand,
)

from devices.opcua.events.event import Event, names_of
from devices.opcua.events.types import Types

MAX_ELEMENTS = 100
Operator = ua.FilterOperator
Truth = bool | None
Compare = Callable[[Any, Any], bool]


class Where:
    """A where-clause that was checked; an empty one lets everything through."""

    def __init__(self, clause: ContentFilter | None, types: Types) -> None:
        self._elements: Sequence[ContentFilterElement] = list(clause.Elements or ()) if clause is not None else []
        self._types = types

    def problem(self) -> int:
        """The status code of what is wrong with it, 0 where nothing is."""
        if len(self._elements) > MAX_ELEMENTS:
            return int(StatusCodes.BadEventFilterInvalid)
        return next((code for n, one in enumerate(self._elements) if (code := _problem(n, one, self._elements))), 0)

    def lets_through(self, event: Event) -> bool:
        return not self._elements or self._judge(0, event) is True

    def _judge(self, number: int, event: Event) -> Any:
        element = self._elements[number]
        return OPERATORS[element.FilterOperator][1](self, list(element.FilterOperands), event)

    def value(self, operand: object, event: Event) -> Any:
        """What an operand is for this event."""
        if isinstance(operand, ElementOperand):
            return self._judge(int(operand.Index), event)
        if isinstance(operand, LiteralOperand):
            return operand.Value.Value if operand.Value is not None else None
        if isinstance(operand, SimpleAttributeOperand):
            return event.value(names_of(operand.BrowsePath), operand.AttributeId).Value
        if isinstance(operand, AttributeOperand):
            elements = operand.BrowsePath.Elements if operand.BrowsePath is not None else ()
            names = names_of(element.TargetName for element in elements or ())
            return event.value(names, operand.AttributeId).Value
        return None

    def is_kind(self, operands: Sequence[object], event: Event) -> Truth:
        wanted = self.value(operands[0], event)
        return isinstance(wanted, ua.NodeId) and self._types.is_kind_of(event.type, wanted)


def _problem(number: int, element: ContentFilterElement, elements: Sequence[object]) -> int:
    known = OPERATORS.get(element.FilterOperator)
    if known is None:
        return int(StatusCodes.BadFilterOperatorUnsupported)
    operands = list(element.FilterOperands or ())
    fewest, _ = known
    if len(operands) < fewest:
        return int(StatusCodes.BadFilterOperandCountMismatch)
    if not all(isinstance(one, OPERANDS) for one in operands):
        return int(StatusCodes.BadFilterOperandInvalid)
    # only forward, as the norm says: so no element is its own operand
    forward = all(number < one.Index < len(elements) for one in operands if isinstance(one, ElementOperand))
    return 0 if forward else int(StatusCodes.BadFilterElementInvalid)


OPERANDS = (ElementOperand, LiteralOperand, SimpleAttributeOperand, AttributeOperand)


def plain(value: Any) -> Any:
    """What is compared: the text of a localised text, the number of an enumeration."""
    return value.Text if isinstance(value, ua.LocalizedText) else value


def _compare(how: Compare) -> Callable[[Where, Sequence[object], Event], Truth]:
    def judge(where: Where, operands: Sequence[object], event: Event) -> Truth:
        left, right = (plain(where.value(one, event)) for one in operands[:2])
        return _safely(how, left, right)

    return judge


def _safely(how: Compare, left: Any, right: Any) -> Truth:
    if left is None or right is None:
        return None
    try:
        return bool(how(left, right))
    except TypeError:
        return None


def _both(where: Where, operands: Sequence[object], event: Event) -> Truth:
    left, right = (where.value(one, event) for one in operands[:2])
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def _either(where: Where, operands: Sequence[object], event: Event) -> Truth:
    left, right = (where.value(one, event) for one in operands[:2])
    if left is True or right is True:
        return True
    return False if left is False and right is False else None


def _not(where: Where, operands: Sequence[object], event: Event) -> Truth:
    value = where.value(operands[0], event)
    return not value if isinstance(value, bool) else None


def _between(where: Where, operands: Sequence[object], event: Event) -> Truth:
    value, low, high = (plain(where.value(one, event)) for one in operands[:3])
    low_enough, high_enough = _safely(operator.ge, value, low), _safely(operator.le, value, high)
    return None if low_enough is None or high_enough is None else low_enough and high_enough


def _in_list(where: Where, operands: Sequence[object], event: Event) -> Truth:
    value = plain(where.value(operands[0], event))
    return any(_safely(operator.eq, value, plain(where.value(one, event))) for one in operands[1:])


def _bits(how: Callable[[int, int], int]) -> Callable[[Where, Sequence[object], Event], Any]:
    def judge(where: Where, operands: Sequence[object], event: Event) -> Any:
        left, right = (where.value(one, event) for one in operands[:2])
        return how(left, right) if isinstance(left, int) and isinstance(right, int) else None

    return judge


def like(text: str, pattern: str) -> bool:
    """`%` any characters, `_` one, `[..]` one of, `[^..]` none of, backslash takes the next as it is (7.7.3)."""
    first, *others = _segments(pattern)
    if not others:
        return re.fullmatch(first, text, re.DOTALL) is not None
    *middle, last = others
    # atomic: what a part has found it keeps, so that no pattern takes long
    parts = "".join(f"(?>.*?{part})" for part in middle)
    return re.fullmatch(f"{first}{parts}.*{last}", text, re.DOTALL) is not None


def _segments(pattern: str) -> list[str]:
    """Regular expressions for what stands between the `%`."""
    out, at = [""], 0
    while at < len(pattern):
        sign, end = pattern[at], pattern.find("]", at + 1)
        if sign == "%":
            out.append("")
            at += 1
        elif sign == "\\" and at + 1 < len(pattern):
            out[-1] += re.escape(pattern[at + 1])
            at += 2
        elif sign == "[" and end > at:
            out[-1] += _one_of(pattern[at + 1 : end])
            at = end + 1
        else:
            out[-1] += "." if sign == "_" else re.escape(sign)
            at += 1
    return out


def _one_of(signs: str) -> str:
    negated, body = signs.startswith("^"), signs.removeprefix("^")
    # a range stays a range, everything else is taken as it is
    inner = "".join(sign if sign == "-" else re.escape(sign) for sign in body)
    return f"[{'^' if negated else ''}{inner}]" if inner else ""


def _like(left: Any, right: Any) -> bool:
    if not isinstance(left, str) or not isinstance(right, str):
        raise TypeError
    return like(left, right)


Judge = Callable[[Where, Sequence[object], Event], Any]
# operator: fewest operands, what it does
OPERATORS: Mapping[int, tuple[int, Judge]] = {
    Operator.Equals: (2, _compare(operator.eq)),
    Operator.IsNull: (1, lambda where, operands, event: where.value(operands[0], event) is None),
    Operator.GreaterThan: (2, _compare(operator.gt)),
    Operator.LessThan: (2, _compare(operator.lt)),
    Operator.GreaterThanOrEqual: (2, _compare(operator.ge)),
    Operator.LessThanOrEqual: (2, _compare(operator.le)),
    Operator.Like: (2, _compare(_like)),
    Operator.Not: (1, _not),
    Operator.Between: (3, _between),
    Operator.InList: (2, _in_list),
    Operator.And: (2, _both),
    Operator.Or: (2, _either),
    Operator.OfType: (1, Where.is_kind),
    Operator.BitwiseAnd: (2, _bits(operator.and_)),
    Operator.BitwiseOr: (2, _bits(operator.or_)),
}
