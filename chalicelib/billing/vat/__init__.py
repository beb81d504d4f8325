"""VAT: the dated table, where a client is taxed, what is known of it, VIES (BIL-10)."""
