"""Conditions over tags, checked before a line runs: names, types, and whether a comparison can ever matter.

An expression that compares true with a number, or a speed with what it never reaches, is a mistake of the writer: the
fault would begin at once or never, and nobody would see why.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from scenarios.file_error import unknown
from sim.expression import ExpressionError, compile_expression
from sim.tag import DataType, Tag, TagTable

_BIT, _COUNT, _UNSURE = "true or false", "a number", "?"


def complaints(text: str, tags: TagTable) -> list[str]:
    """What is wrong with a condition on the tags of a line; nothing where it is good."""
    strangers: list[str] = []

    def resolve(name: str) -> int:
        if tags.find(name) is None:
            strangers.append(name)
        return 0

    try:
        compile_expression(text, resolve)
    except (ExpressionError, RecursionError) as error:
        return [str(error) or "is nested too deeply"]
    known = [tag.name for tag in tags]
    said = [unknown("tag", name, known) for name in dict.fromkeys(strangers)]
    return said or list(_Check(tags).all(text))


@dataclass
class _Check:
    """Types of one expression, from the inside out."""

    tags: TagTable
    said: list[str] = field(default_factory=list)

    def all(self, text: str) -> Iterator[str]:
        kind = self._of(ast.parse(text.strip(), mode="eval").body)
        yield from dict.fromkeys(self.said)
        if not self.said and kind == _COUNT:
            yield f"{text} is a number: say when, as `{text} > 0`"

    def _of(self, node: ast.expr) -> str:
        handler = _NODES.get(type(node))
        return handler(self, node) if handler else _UNSURE

    def constant(self, node: ast.expr) -> str:
        return _BIT if isinstance(node, ast.Constant) and isinstance(node.value, bool) else _COUNT

    def tag(self, node: ast.expr) -> str:
        tag = self.tags.find(ast.unparse(node))
        return _UNSURE if tag is None else _BIT if tag.type is DataType.BOOL else _COUNT

    def both(self, node: ast.expr) -> str:
        for value in node.values if isinstance(node, ast.BoolOp) else ():
            self._want(value, _BIT, "compare it, as in `speed > 100`")
        return _BIT

    def unary(self, node: ast.expr) -> str:
        if not isinstance(node, ast.UnaryOp):
            return _UNSURE
        if isinstance(node.op, ast.Not):
            self._want(node.operand, _BIT, "compare it, as in `speed > 100`")
            return _BIT
        self._want(node.operand, _COUNT, "it has no sign")
        return _COUNT

    def sum(self, node: ast.expr) -> str:
        if isinstance(node, ast.BinOp):
            self._want(node.left, _COUNT, "it cannot be reckoned with")
            self._want(node.right, _COUNT, "it cannot be reckoned with")
        return _COUNT

    def choice(self, node: ast.expr) -> str:
        if not isinstance(node, ast.IfExp):
            return _UNSURE
        self._want(node.test, _BIT, "compare it, as in `speed > 100`")
        one, other = self._of(node.body), self._of(node.orelse)
        return one if one == other else _UNSURE

    def comparison(self, node: ast.expr) -> str:
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, right in pairwise(sides):
                self._pair(left, right)
        return _BIT

    def _pair(self, left: ast.expr, right: ast.expr) -> None:
        kinds = self._of(left), self._of(right)
        if sorted(kinds) == [_COUNT, _BIT]:
            self.said.append(
                f"{ast.unparse(left)} is {kinds[0]} and {ast.unparse(right)} is {kinds[1]}: they cannot be compared"
            )
        for one, other in ((left, right), (right, left)):
            self._reach(self.tags.find(ast.unparse(one)), _number(other))

    def _reach(self, tag: Tag | None, value: float | None) -> None:
        if tag is None or value is None or tag.range is None:
            return
        low, high = tag.range
        if not low <= value <= high:
            unit = f" {tag.unit}" if tag.unit else ""
            self.said.append(f"{value:g} is out of the range of {tag.name}: {low:g} to {high:g}{unit}")

    def _want(self, node: ast.expr, kind: str, advice: str) -> None:
        found = self._of(node)
        if found not in (kind, _UNSURE):
            self.said.append(f"{ast.unparse(node)} is {found}: {advice}")


def _number(node: ast.expr) -> float | None:
    """A constant number, with its sign."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    return None


_NODES: Mapping[type[ast.expr], Callable[[_Check, ast.expr], str]] = {
    ast.Constant: _Check.constant,
    ast.Name: _Check.tag,
    ast.Attribute: _Check.tag,
    ast.BoolOp: _Check.both,
    ast.UnaryOp: _Check.unary,
    ast.BinOp: _Check.sum,
    ast.IfExp: _Check.choice,
    ast.Compare: _Check.comparison,
}
