"""Plain arithmetic of offers."""
