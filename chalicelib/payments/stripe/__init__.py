"""The port to the processor of cards, and Stripe, which answers it (PAY-1, PAY-2)."""
