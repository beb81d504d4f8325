"""Legal documents, acceptances and the evidence journal (CGV art. 2, 3, 6, 12, 16, 19)."""
