"""The documents themselves: PDF, Factur-X, their keeping and their mails (BIL-11)."""
