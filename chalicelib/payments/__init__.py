"""Cards, collection of invoices, Stripe's notices, retries and receipts.

CGV art. 8.2; PAY-1, PAY-2, PAY-3.  Amounts are integer cents, the currency is the euro.  What
Stripe says *now* decides, never the order in which its notices come; the ledger follows.
"""
