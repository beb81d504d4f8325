"""Closings of receipts, chained and signed (EVD-2)."""
