"""Developers' checks: requirements against tests, documents against their rules."""
