"""Clients, their users, sign-in and sessions (CGV art. 3, 4; ACC-1 to ACC-4)."""
