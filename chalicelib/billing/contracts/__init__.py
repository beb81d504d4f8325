"""Negotiated contracts: terms, what they change in invoices, reminders (BIL-6)."""
