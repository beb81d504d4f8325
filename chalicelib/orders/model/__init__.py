"""What orders, their terms and their commitments are, and where they are kept."""
