"""Invoices: what a month costs, VAT, numbers, documents (CGV art. 8.1, 8.2, 9, 16; BIL)."""
