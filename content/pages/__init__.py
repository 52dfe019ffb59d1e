"""The calendar, materials, rules and reports, inside the admin."""
