"""Named reads of compliance."""
