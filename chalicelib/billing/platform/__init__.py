"""The accredited platform: documents go out, statuses come back (BIL-11)."""
