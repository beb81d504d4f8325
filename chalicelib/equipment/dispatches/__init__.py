"""OmnyPods reserved, sent, received, come back, or late (POD-1, ORD-6)."""
