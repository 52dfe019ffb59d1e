"""What cannot be done in communities, one module per thing."""
