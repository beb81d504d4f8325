"""Pages of invoices and credit notes (BIL-11)."""
