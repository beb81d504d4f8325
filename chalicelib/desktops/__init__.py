"""Desktops: their life, their machines, their access codes (CGV art. 5, 6, 9, 13; DSK, ORD-4)."""
