"""What every part of the API shares: errors, parsing, keys and scopes, idempotency, pages, limits."""
