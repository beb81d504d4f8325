"""The faults that `make mutants` makes, and what it says of them."""

import ast
import types

import pytest

from infra.checks.living_code import put_in_place
from infra.checks.mutants import (
    EQUAL,
    KILLED,
    SURVIVED,
    UNSEEN,
    UNTRIED,
    Equal,
    Fate,
    by_requirement,
    percent,
    stale,
    table,
)
from infra.checks.mutations import mutations_of
from infra.project import ROOT

RULE = '''
"""A rule."""
from functools import cache
LIMIT = 3

@cache
def within(days: int, most: int = 7) -> bool:
    """Tell whether it is."""
    log.info("looked at %s", days)
    if days < 1 or not days:
        raise ValueError(f"{days + 1} is too few")
    return days + 1 <= most

class Price:
    @property
    def whole(self) -> int:
        return 2 if self.known else LIMIT
'''


def test_each_kind_of_fault_is_made_where_a_rule_runs() -> None:
    made = {(each.function, each.line, each.was, each.becomes) for each, _ in mutations_of(RULE)}
    assert made == {
        ("", 4, "3", "4"),
        ("within", 10, "days < 1", "days >= 1"),
        ("within", 10, "days < 1", "days <= 1"),
        ("within", 10, "1", "2"),
        ("within", 10, "days < 1 or not days", "days < 1 and (not days)"),
        ("within", 10, "not days", "days"),
        ("within", 10, "if days < 1 or not days", "if not (days < 1 or not days)"),
        ("within", 12, "return days + 1 <= most", "return None"),
        ("within", 12, "days + 1 <= most", "days + 1 > most"),
        ("within", 12, "days + 1 <= most", "days + 1 < most"),
        ("within", 12, "days + 1", "days - 1"),
        ("within", 12, "1", "2"),
        ("Price.whole", 17, "return 2 if self.known else LIMIT", "return None"),
        ("Price.whole", 17, "if self.known", "if not self.known"),
        ("Price.whole", 17, "2", "3"),
    }


def test_what_is_returned_for_no_is_not_made_none() -> None:
    source = "def is_so() -> bool:\n    return False\n"
    assert [each.becomes for each, _ in mutations_of(source)] == ["True"]


def test_numbers_written_as_texts_are_changed_and_other_texts_are_not() -> None:
    source = 'def rate() -> Decimal:\n    return Decimal("20") + of("fr", True)\n'
    made = [(each.was, each.becomes) for each, _ in mutations_of(source)]
    assert ("'20'", "'120'") in made
    assert ("True", "False") in made
    assert not [was for was, _ in made if was == "'fr'"]


def living(source: str) -> types.ModuleType:
    module = types.ModuleType("chalicelib.rule")
    module.__file__ = "rule.py"
    exec(compile(source.replace("    log.info", "    #"), "rule.py", "exec"), vars(module))  # noqa: S102
    return module


def test_a_function_in_use_does_what_the_mutant_says() -> None:
    # Given a rule whose cached function somebody imported, and which has answered before
    module = living(RULE)
    within, price = module.within, module.Price()
    price.known = False
    assert (within(7), price.whole) == (False, 3)
    # When mutants are put in its place, then whoever holds the function sees the fault
    wanted = {"days + 1 < most": False, "days - 1": True}
    for mutation, tree in mutations_of(RULE.replace("    log.info", "    #")):
        if mutation.becomes in wanted:
            put_in_place(module, tree, function=mutation.function)
            assert within(6 if "most" in mutation.becomes else 7) is wanted[mutation.becomes]
        if mutation.becomes == "4":
            put_in_place(module, tree, function=mutation.function)
            assert module.LIMIT == 4
            assert price.whole == 4
    with pytest.raises(LookupError):
        put_in_place(module, ast.parse(RULE), function="elsewhere")


def fate(module: str, what: str, was: str = "a") -> Fate:
    return Fate(module, "f", 1, was, "b", what)


def test_shares_leave_out_what_is_equal_or_was_not_tried() -> None:
    fates = [fate("m.py", what) for what in (KILLED, KILLED, KILLED, SURVIVED, EQUAL, UNTRIED)]
    assert percent(fates) == 75
    assert percent([*fates, fate("m.py", UNSEEN)]) == 60
    assert percent([]) == 100
    told = by_requirement([*fates, fate("other.py", KILLED)], {"m.py": ["BIL-1", "BIL-2"]})
    assert told == {"BIL-1": "3 of 4 mutants die", "BIL-2": "3 of 4 mutants die"}


def test_what_is_listed_as_equal_must_still_be_a_mutant() -> None:
    kept = Equal("m.py", "f", "a", "b", "why")
    gone = Equal("m.py", "f", "no more", "b", "why")
    untried = Equal("other.py", "f", "a", "b", "why")
    assert stale([kept, gone, untried], [fate("m.py", EQUAL)]) == [gone]


def test_the_table_names_modules_that_are() -> None:
    modules, equal = table()
    assert [name for name in modules if not (ROOT / "chalicelib" / name).exists()] == []
    assert {each.module for each in equal} <= set(modules)
    assert all(each.reason for each in equal)
