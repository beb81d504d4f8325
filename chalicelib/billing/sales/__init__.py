"""The sales journal and the closing of its months (BIL-12)."""
