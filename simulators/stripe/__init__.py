"""Stripe, simulated: a small HTTP program that the real `stripe` SDK drives (PAY-1, 2, 3, 5)."""

from simulators.stripe.server import StripeSimulator

__all__ = ["StripeSimulator"]
