"""Activities and links for programs."""
