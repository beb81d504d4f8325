"""Stripe's objects, each with what the API does to it."""
