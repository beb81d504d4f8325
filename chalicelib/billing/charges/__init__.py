"""What an invoice takes up beside usage: one-off charges, service credits."""
