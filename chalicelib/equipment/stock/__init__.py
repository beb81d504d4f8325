"""The stock, taken in by delivery notes, and the price list (POD-1, POD-2)."""
