"""The accredited platform’s documents and their statuses, for the operator (BIL-11)."""
