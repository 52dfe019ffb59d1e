"""Pages of campaigns: inside the admin, and the one that leads a member on."""
