"""What clients and operators ask of desktops: decided and recorded, done later."""
