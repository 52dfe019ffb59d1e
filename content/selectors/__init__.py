"""Named reads of content."""
