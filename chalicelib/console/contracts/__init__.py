"""Pages of negotiated contracts (BIL-6)."""
