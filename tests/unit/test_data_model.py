"""docs/data-model.md names every key and every list that a storage module writes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOMAINS = (
    *("accounts", "billing", "catalogue", "desktops", "equipment"),
    *("legal", "metering", "orders", "payments"),
)
_KEY = re.compile(r"[A-Z][A-Z_]{2,}(?=#|$)")


def written(domain: str) -> set[str]:
    """Give the words of the keys in a domain's storage modules."""
    modules = (ROOT / "chalicelib" / domain).rglob("*storage.py")
    return {key for module in modules for text in texts(module) for key in _KEY.findall(text)}


def texts(module: Path) -> Iterator[str]:
    """Give every text of a module that is not a docstring."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and "\n" not in node.value and " " not in node.value:
            yield node.value


def documented() -> dict[str, str]:
    """Give the rows of each table's part."""
    rows: dict[str, str] = {}
    table = ""
    page = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    for row in page.partition("## ")[0].splitlines():
        if row.startswith("|"):
            table = row.split("|")[1].strip() or table
            rows[table] = rows.get(table, "") + row
    return rows


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_key_is_in_the_data_model(domain: str) -> None:
    keys = written(domain)
    assert keys
    page = documented()[domain]
    assert {key for key in keys if not re.search(rf"`{key}[`#]", page)} == set()
