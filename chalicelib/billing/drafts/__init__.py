"""From usage days to a draft: what an invoice would be, at any moment (BIL-7)."""
