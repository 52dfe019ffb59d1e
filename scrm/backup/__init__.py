"""Backups: one encrypted file with the database and the files, and what makes it and reads it."""
