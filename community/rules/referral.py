"""Referral codes: eight capitals and digits that nobody misreads."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L
LENGTH = 8  # 31⁸ ≈ 8.5 × 10¹¹: nobody guesses one of some thousands


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _letter in range(LENGTH))
