"""Pages of compliance inside the admin's frame."""
