"""What cannot be done in compliance, one module per thing."""
