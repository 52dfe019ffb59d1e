"""Named reads of campaigns."""
