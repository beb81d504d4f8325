"""The one-stop shop's ledger, and the service that decides a client's VAT."""
