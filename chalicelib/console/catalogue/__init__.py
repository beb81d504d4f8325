"""The home page, the prices, and the catalogue that the operator publishes (CAT-1)."""
