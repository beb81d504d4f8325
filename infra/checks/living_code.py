"""Puts a changed tree in the place of a module that is loaded already, and used all over."""

import ast
import sys
from collections.abc import Iterator
from functools import cached_property
from types import CodeType, FunctionType, ModuleType
from typing import Any

_OURS = ("app", "chalicelib", "infra", "tests")


def put_in_place(module: ModuleType, tree: ast.Module, *, function: str) -> None:
    """Have a function of a loaded module do what the tree says; ``""`` for its constants.

    Whoever imported the function has it too: its code is replaced, not the function.
    """
    forget_caches(module)
    if not function:
        _set_constants(module, tree)
        return
    compiled = compile(tree, str(module.__file__), "exec", dont_inherit=True)
    codes = {code.co_qualname: code for code in _codes(compiled)}
    found = False
    for name, living in functions_of(module):
        if name == function:
            living.__code__ = codes[name]
            found = True
    if not found:
        raise LookupError(f"{module.__name__} has no function {function}")


def _codes(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


def functions_of(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """Give the functions and methods that a module defines, by their qualified names."""
    for owner in (module, *vars(module).values()):
        is_class = isinstance(owner, type) and owner.__module__ == module.__name__
        if owner is module or is_class:
            for member in list(vars(owner).values()):
                function = _unwrapped(member)
                if function is not None and function.__module__ == module.__name__:
                    yield function.__qualname__, function


def _unwrapped(member: Any) -> FunctionType | None:
    """Give the function within a property, a class method, a cache."""
    if isinstance(member, property):
        member = member.fget
    elif isinstance(member, cached_property):
        member = member.func
    elif isinstance(member, staticmethod | classmethod):
        member = member.__func__
    while hasattr(member, "__wrapped__"):
        member = member.__wrapped__
    return member if isinstance(member, FunctionType) else None


def forget_caches(module: ModuleType) -> None:
    """Empty what the cached functions of a module remember."""
    for member in list(vars(module).values()):
        if hasattr(member, "cache_clear"):
            member.cache_clear()


def _set_constants(module: ModuleType, tree: ast.Module) -> None:
    for statement in tree.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        name = statement.targets[0].id
        before = vars(module).get(name)
        expression = ast.Expression(statement.value)
        now = eval(compile(expression, str(module.__file__), "eval"), vars(module))  # noqa: S307
        if now == before:
            continue
        for other in [module, *sys.modules.values()]:
            is_ours = other.__name__.split(".")[0] in _OURS
            if is_ours and vars(other).get(name) is before:
                setattr(other, name, now)
