"""The local "now": kept, moved, and what falls due by it."""
