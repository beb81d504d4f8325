"""The simulated account, and how requests are read and answered."""
