"""Runs, definitions, goals and tags: every write, and what is computed without being kept."""
