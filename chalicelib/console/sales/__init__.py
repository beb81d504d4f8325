"""The sales journal, for the operator and the accountant (BIL-12)."""
