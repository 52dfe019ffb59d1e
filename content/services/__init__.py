"""Every write of content."""
