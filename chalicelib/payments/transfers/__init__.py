"""Bank transfers, and money spread over the invoices due (PAY-4)."""
