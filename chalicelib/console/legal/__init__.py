"""Legal documents as pages, and the dated policies that the operator sets."""
