"""What an account or an invoice shows of its payments (PAY-4, CON-1)."""
