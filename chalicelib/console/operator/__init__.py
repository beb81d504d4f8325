"""The back office: pages of the provider's operators (OPS-1)."""
