"""From the summary to the company's answer (LEG-3, ORD-1 to ORD-3)."""
