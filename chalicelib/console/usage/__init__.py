"""Pages of usage: days, costs, how they are computed, corrections (MET-3, MET-4)."""
