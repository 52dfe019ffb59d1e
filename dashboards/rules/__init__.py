"""Plain arithmetic over figures that are already aggregated."""
