"""What the project promises of its speed and cost, measured."""
