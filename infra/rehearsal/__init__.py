"""The deployment rehearsed on one machine: the real package and template, no cloud account."""
