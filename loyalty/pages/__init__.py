"""Pages of offers inside the admin's frame."""
