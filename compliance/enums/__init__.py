"""Choices of compliance, one module per thing."""
