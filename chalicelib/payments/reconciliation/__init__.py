"""The daily comparison with Stripe's own list (PAY-5)."""
