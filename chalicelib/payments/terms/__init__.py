"""Dated terms: until when to pay, and the days of what follows (PAY-3, PAY-6)."""
