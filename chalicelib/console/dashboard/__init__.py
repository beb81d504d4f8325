"""What a client, and the operator, see first: what there is to do (CON-2)."""
