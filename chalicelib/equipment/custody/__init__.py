"""What clients hold, report and return, and what is decided of it (POD-2, POD-3)."""
