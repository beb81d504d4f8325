"""The console: every page, for clients in a browser, operators and Stripe's webhooks."""
