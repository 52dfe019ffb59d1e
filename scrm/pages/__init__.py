"""Pages of operation, inside the admin."""
