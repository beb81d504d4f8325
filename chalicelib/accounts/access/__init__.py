"""The door: passwords, sessions, mailed links, how often all may be tried (ACC-3)."""
