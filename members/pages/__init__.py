"""Pages of members inside the admin that are no list of a model."""
