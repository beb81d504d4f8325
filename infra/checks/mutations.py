"""The small faults that `make mutants` puts into rules, one at a time: what changes, and where.

Comparisons and their boundaries, and/or, arithmetic, numbers, what is returned, conditions turned
round.  Texts, logs, annotations, decorators and default values are left alone.
"""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_NEXT_TO: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_OTHER: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
}
_NUMBER = re.compile(r"^\d+(\.\d+)?$")  # as Decimal is given one
_SILENT = {"log", "logging"}
MODULE = ""  # the function of what stands at the module's top


@dataclass(frozen=True)
class Mutation:
    """One fault: in which function, on which line, what was there and what is there now."""

    function: str
    line: int
    was: str
    becomes: str


@dataclass(frozen=True)
class _Place:
    """A node of the tree, by the way to it: fields and positions."""

    function: str
    path: tuple[tuple[str, int | None], ...]
    node: ast.AST


def mutations_of(source: str) -> list[tuple[Mutation, ast.Module]]:
    """Give every fault of a module's source, each with the whole tree that has it."""
    tree = ast.parse(source)
    found = []
    for place in _places(tree):
        for other in _others(place.node):
            changed = copy.deepcopy(tree)
            _put(changed, place.path, other)
            line = getattr(place.node, "lineno", 0)
            mutation = Mutation(place.function, line, _text(place.node), _text(other))
            found.append((mutation, ast.fix_missing_locations(changed)))
    return found


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.IfExp):
        return f"if {ast.unparse(node.test)}"
    return ast.unparse(node).replace("\n", " ")


def _put(tree: ast.AST, path: tuple[tuple[str, int | None], ...], node: ast.AST) -> None:
    *way, (name, position) = path
    at: ast.AST = tree
    for field, index in way:
        value = getattr(at, field)
        at = value if index is None else value[index]
    if position is None:
        setattr(at, name, node)
    else:
        getattr(at, name)[position] = node


def _places(tree: ast.Module) -> Iterator[_Place]:
    """Walk what runs: bodies of functions, and the numbers of a module's own constants."""
    for number, statement in enumerate(tree.body):
        step = (("body", number),)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            for place in _below(statement, step, statement.targets[0].id):
                if isinstance(place.node, ast.Constant):
                    yield _Place(MODULE, place.path, place.node)
        else:
            yield from _functions(statement, step, "")


def _functions(
    node: ast.AST, path: tuple[tuple[str, int | None], ...], prefix: str
) -> Iterator[_Place]:
    if isinstance(node, ast.ClassDef):
        for number, inner in enumerate(node.body):
            yield from _functions(inner, (*path, ("body", number)), f"{prefix}{node.name}.")
    elif isinstance(node, ast.FunctionDef):
        for number, inner in enumerate(node.body):
            yield from _below(inner, (*path, ("body", number)), prefix + node.name)


def _below(
    node: ast.AST, path: tuple[tuple[str, int | None], ...], function: str
) -> Iterator[_Place]:
    if _is_left_alone(node):
        return
    yield _Place(function, path, node)
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "decorator_list", "returns", "args"} and not isinstance(
            node, ast.Call
        ):
            continue
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for position, child in children:
            if isinstance(child, ast.AST):
                yield from _below(child, (*path, (name, position)), function)


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Assert):
        return True
    if not isinstance(node, ast.Expr):
        return False
    if isinstance(node.value, ast.Constant):  # a docstring
        return True
    called = node.value.func if isinstance(node.value, ast.Call) else None
    return (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id in _SILENT
    )


def _others(node: ast.AST) -> Iterator[ast.AST]:
    """Give what may stand in a node's place."""
    for kind, others in _KINDS:
        if isinstance(node, kind):
            yield from others(node)


def _comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    if len(node.ops) == 1:
        for table in (_NEGATED, _NEXT_TO):
            other = table.get(type(node.ops[0]))
            if other is not None:
                yield ast.Compare(node.left, [other()], node.comparators)


def _connections(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _computations(node: ast.BinOp) -> Iterator[ast.AST]:
    other = _OTHER.get(type(node.op))
    if other is not None and not (_is_text(node.left) or _is_text(node.right)):
        yield ast.BinOp(node.left, other(), node.right)


def _affirmations(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not):
        yield node.operand


def _returns(node: ast.Return) -> Iterator[ast.AST]:
    value = node.value
    # Whoever asks whether it is so takes None for False: that is no other rule.
    if value is not None and not (isinstance(value, ast.Constant) and not value.value):
        yield ast.Return(ast.Constant(None))


def _conditions(node: ast.If | ast.IfExp) -> Iterator[ast.AST]:
    if not isinstance(node.test, ast.Compare):  # which is turned round by itself
        turned = copy.copy(node)
        turned.test = ast.UnaryOp(ast.Not(), node.test)
        yield turned


def _numbers(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and _NUMBER.match(value):
        yield ast.Constant(f"1{value}")


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


_KINDS: tuple[tuple[Any, Callable[[Any], Iterator[ast.AST]]], ...] = (
    (ast.Compare, _comparisons),
    (ast.BoolOp, _connections),
    (ast.BinOp, _computations),
    (ast.UnaryOp, _affirmations),
    (ast.Return, _returns),
    (ast.Constant, _numbers),
    (ast.If | ast.IfExp, _conditions),
)
