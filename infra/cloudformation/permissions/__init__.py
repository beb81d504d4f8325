"""What each function may do: recorded, and written as policies."""
