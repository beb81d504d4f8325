"""Cards of an account: saved, charged by default, about to expire (PAY-1)."""
