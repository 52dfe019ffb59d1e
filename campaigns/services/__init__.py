"""Every write of campaigns, one module per thing."""
