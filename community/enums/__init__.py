"""Choices of communities, one module per thing."""
