"""Rules of messaging, without rows and without a clock."""
