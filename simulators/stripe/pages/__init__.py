"""The pages Stripe hosts: card form, authentication."""
