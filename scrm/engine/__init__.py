"""Django's PostgreSQL engine; starts the embedded server on the first connection when there is no other."""
