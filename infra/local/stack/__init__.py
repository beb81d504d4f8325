"""The local stack: console, workers, schedule and desk, in one process."""
