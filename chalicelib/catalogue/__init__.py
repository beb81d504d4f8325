"""Configurations, options and dated prices (CGV art. 5, 9, 16; CAT-1, CAT-2, CAT-3)."""
