"""One-off charges and service credits, which the operator enters (BIL-8)."""
