"""The calendar for programs."""
