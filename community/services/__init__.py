"""Every write of communities, one module per thing."""
