"""Pages of orders: form, summary, follow-up, validation (ORD-1, ORD-2)."""
