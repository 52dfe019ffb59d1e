"""Named reads of offers."""
