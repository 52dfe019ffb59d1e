"""Pages of results inside the admin's frame."""
