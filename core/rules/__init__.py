"""Plain rules of core: cryptography given keys, and how values are written so that equal ones compare equal."""
