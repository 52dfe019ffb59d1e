"""The project's own PostgreSQL server, for machines that have none."""
