"""Named reads of communities."""
