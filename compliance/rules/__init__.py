"""Plain rules of compliance: no rows, no clock."""
