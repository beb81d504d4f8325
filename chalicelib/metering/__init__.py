"""Usage days: what each desktop and option is charged for, day by day (CGV art. 8.1, 9; MET)."""
