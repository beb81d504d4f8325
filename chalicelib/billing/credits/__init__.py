"""Credit notes, and corrections of what was billed (BIL-5, MET-4)."""
