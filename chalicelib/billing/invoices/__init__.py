"""What invoices, credit notes and runs are, what the law has them say, their storage."""
