"""The month-end run: its accounts, its issue, its progress, its dry run (BIL-3, BIL-4)."""
