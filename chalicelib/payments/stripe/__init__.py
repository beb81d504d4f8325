"""The port to the processor of cards, and Stripe that stands behind it (PAY-1, PAY-2)."""
