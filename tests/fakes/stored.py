"""What tables hold, without what is drawn by chance or read from the clock: compares two plays."""

import json
import re
from collections import Counter
from typing import Any

from chalicelib.foundation.aws import AwsAccess
from infra.cloudformation.resources import TABLES
from infra.local.outside.provisioning import PREFIX

_CHANCE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "<instant>"),
    (re.compile(r"\b1[5-9]\d{8}(\.\d+)?\b"), "<epoch>"),
    (re.compile(r"\$argon2[^\"]+"), "<password>"),
    (re.compile(r"\b(i|snap|vol|eni|sg|ws)-[0-9a-z]{8,}"), r"\1-<id>"),
    (re.compile(r"\b(ec2-)?\d+[-.]\d+[-.]\d+[-.]\d+[^\"\\ ]*"), "<address>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "<port>"),
    (re.compile(r"\b([a-z]{2,6})_(test_)?[A-Za-z0-9]{14,}\b"), r"\1_<id>"),
    (re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}"), "<digest>"),
    (re.compile(r"\b(C-\d{8})-[0-9A-Z]{5}\b"), r"\1-<letters>"),  # of an order
    (re.compile(r"SLiad\+[A-Z0-9]+"), "<registration>"),  # of a WorkSpace
    # Of the accounts of a month, the one whose id comes first gets the first number.
    (re.compile(r"\b([FA]-\d{4})-\d{6}"), r"\1-<number>"),
    (re.compile(r"\b(CE\d{6})\d{3}\b"), r"\1<parcel>"),
)


def without_chance(text: str) -> str:
    """Replace ids, instants, digests and addresses by what they are."""
    for pattern, word in _CHANCE:
        text = pattern.sub(word, text)
    return text


def stored_items(access: AwsAccess) -> Counter[str]:
    """Count what the tables of the local stage hold, each item as a text."""
    found: Counter[str] = Counter()
    pages = access.client("dynamodb").get_paginator("scan")
    for table in TABLES:
        for page in pages.paginate(TableName=PREFIX + table):
            found.update(_as_text(table, item) for item in page["Items"])
    return found


def _as_text(table: str, item: dict[str, Any]) -> str:
    members = {name: next(iter(value.values())) for name, value in item.items()}
    members.pop("version")  # how often it was written: a look at a machine more or less
    return f"{table} {json.dumps(_ordered(members), sort_keys=True, ensure_ascii=False)}"


def _ordered(value: Any) -> Any:
    """Open texts that are JSON, forget chance, and order lists, which follow ids."""
    if isinstance(value, dict):
        return {without_chance(name): _ordered(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted((_ordered(each) for each in value), key=json.dumps)
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return _ordered(json.loads(value))
    return without_chance(value) if isinstance(value, str) else value
