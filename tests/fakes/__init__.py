"""Fakes shared by the tests: the outside, in memory, with the same rules."""
