"""Outside services, simulated: programs that know nothing of this project."""
