"""Two past months of invented clients, played at the first start."""
