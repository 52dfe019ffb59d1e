"""Plain rules of members: how identities are written, how names sort."""
