"""Expressions: one small, safe language for transitions, actions, conditions, interlocks and checks.

`not eye_1 and (route == 2 or belt_speed > 150)`: names of tags and variables, numbers, True and False, comparison,
and/or/not, + - * // %, `a if condition else b`. No calls, no attributes but `station.signal`, no division that could
leave the integers.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.tag import Value

_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Lt, ast.LtE, ast.Gt,
    ast.GtE, ast.Eq, ast.NotEq, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Mod, ast.FloorDiv, ast.IfExp, ast.Constant,
    ast.Name, ast.Attribute, ast.Load,
)  # fmt: skip
_LONGEST = 500


class ExpressionError(ValueError):
    """What is wrong with an expression, in words for the writer of the file."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to evaluate, and the names that it reads."""

    text: str
    names: tuple[str, ...]
    _run: Callable[[Sequence[Value], Sequence[Value]], Value]

    def __call__(self, tags: Sequence[Value], variables: Sequence[Value] = ()) -> Value:
        """The value, given the values of all tags by index and of the program's variables.

        What has no value gives 0: modulo zero, and what is too large for a REAL.
        """
        try:
            value = self._run(tags, variables)
        except (ZeroDivisionError, OverflowError):
            return 0
        if value.__class__ is float and value - value != 0.0:  # an infinity, or not a number
            return 0
        return value


def compile_expression(text: str, resolve: Callable[[str], int | None]) -> Compiled:
    """Check and compile. `resolve` gives the index of a tag, or -1 - index for a variable, None for neither.

    Raises ExpressionError.
    """
    if len(text) > _LONGEST:
        raise ExpressionError(f"longer than {_LONGEST} characters")
    names: list[str] = []
    try:
        tree = ast.parse(text.strip(), mode="eval")
        body = ast.unparse(_Names(text, names, resolve).visit(tree).body)
        # only the node types above got here and every name became an index, so there is nothing to call or to reach
        run = eval(f"lambda F, V: {body}", {"__builtins__": {}})  # noqa: S307
    except ExpressionError:
        raise
    except (RecursionError, MemoryError) as error:
        raise ExpressionError(f"{text!r} is nested too deeply") from error
    except (SyntaxError, ValueError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ExpressionError(f"{text!r} is not an expression: {reason}") from error
    return Compiled(text, tuple(dict.fromkeys(names)), run)


class _Names(ast.NodeTransformer):
    """Refuses what the language does not have and turns each name into its place in the two lists."""

    def __init__(self, text: str, names: list[str], resolve: Callable[[str], int | None]) -> None:
        self.text, self.names, self.resolve = text, names, resolve

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, _ALLOWED):
            raise ExpressionError(f"{self.text!r}: {_word(node)} is not part of the language")
        if isinstance(node, ast.Constant) and type(node.value) not in (bool, int, float):
            raise ExpressionError(f"{self.text!r}: {node.value!r} is neither a number nor True or False")
        return super().generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._place(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if not isinstance(node.value, ast.Name):
            raise ExpressionError(f"{self.text!r}: a tag is called `station.signal`")
        return self._place(f"{node.value.id}.{node.attr}")

    def _place(self, name: str) -> ast.AST:
        index = self.resolve(name)
        if index is None:
            raise ExpressionError(f"{self.text!r}: there is no signal or variable {name!r}")
        self.names.append(name)
        cell = f"F[{index}]" if index >= 0 else f"V[{-1 - index}]"
        return ast.parse(cell, mode="eval").body


def _word(node: ast.AST) -> str:
    return {"Call": "a call", "Div": "division (use //)", "Pow": "a power", "Lambda": "a function"}.get(
        type(node).__name__, type(node).__name__
    )
