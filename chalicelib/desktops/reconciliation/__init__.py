"""The clouds' inventory compared with ours, and what it finds (DSK-9)."""
