"""Every write of offers."""
