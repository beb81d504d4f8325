"""The registration form, and the desk that opens accounts (ACC-1, ACC-2)."""
