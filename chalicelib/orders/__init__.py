"""Orders, their validation by the company and what it commits to (CGV art. 3, 6, 16; ORD, LEG)."""
