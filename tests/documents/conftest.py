"""One process runs the rules of electronic invoices for all the tests of a worker."""

from collections.abc import Iterator

import pytest

from infra.checks.facturx_rules import FacturXRules


@pytest.fixture(scope="session")
def rules() -> Iterator[FacturXRules]:
    checker = FacturXRules()
    yield checker
    checker.close()
