"""What follows an order: its confirmation, and the watch over deliveries (LEG-4, ORD-5)."""
