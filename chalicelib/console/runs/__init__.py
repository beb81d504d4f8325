"""The month-end run, which the operator starts and follows (BIL-3, BIL-4)."""
