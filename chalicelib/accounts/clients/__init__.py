"""What clients and users are, how they are checked, kept and found (ACC-1, ACC-4)."""
