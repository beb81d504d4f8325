"""Invoices collected by card, Stripe's notices, refunds (PAY-2, PAY-3, PAY-5)."""
