"""Pages of compliance: the member's privacy centre, and those of staff inside the admin's frame."""
