"""The whole system on one machine, for development and tests; never in the package."""
