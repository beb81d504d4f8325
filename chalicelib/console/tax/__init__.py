"""Pages of VAT: a client’s number and country, the one-stop shop (BIL-10)."""
