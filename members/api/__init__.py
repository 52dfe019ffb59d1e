"""Members, written and read by programs."""
