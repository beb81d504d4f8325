"""How a client reaches a desktop: who may, by which way, with which code."""
