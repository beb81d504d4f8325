"""Late payers: reminders, interest, formal notice, suspension (PAY-6, PRI-5)."""
