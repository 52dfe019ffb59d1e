"""What content is, in plain Python: periods, gaps, suggestions, festivals, results."""
