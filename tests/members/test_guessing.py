"""T24: whoever has the tables and not the keys finds no phone by guessing numbers."""

import os
from collections.abc import Callable, Iterator
from hashlib import md5, sha256

import pytest

from core.keys import indexer
from core.rules.crypto import derive_key, index_function
from members.enums import IdentityType
from members.models import Identity
from members.rules.identities import PURPOSES
from tests.compliance.people import member

GUESSES = int(os.environ.get("SCRM_T24_GUESSES", "20000"))
OURS = 20
FIRST = 13_800_000_000
DIGITS = 32  # an index is sixteen bytes in hexadecimal digits
Attack = Callable[[str], str]

pytestmark = pytest.mark.django_db


def attacks() -> list[Attack]:
    """What can be tried without the keys: bare hashes, and our own construction under keys one might think of."""
    plain: list[Attack] = [
        lambda phone: sha256(phone.encode()).hexdigest()[:DIGITS],
        lambda phone: md5(phone.encode(), usedforsecurity=False).hexdigest(),
    ]
    ours = [index_function(derive_key(key, f"index|{PURPOSES[IdentityType.PHONE]}")) for key in (bytes(32), b"k" * 32)]
    return [*plain, *(lambda phone, index=index: index(phone).hex() for index in ours)]  # type: ignore[misc]


def guesses() -> Iterator[str]:
    """As many numbers as asked for, those of our members among them."""
    return (str(FIRST + number) for number in range(GUESSES))


def found_by(attack: Attack, kept: set[str]) -> int:
    return sum(attack(phone) in kept for phone in guesses())


@pytest.fixture
def kept() -> set[str]:
    for number in range(OURS):
        member(str(FIRST + number * (GUESSES // OURS)))
    found = set(Identity.objects.values_list("lookup", flat=True))
    assert len(found) == OURS
    return found


def test_no_guessed_phone_is_found_without_the_keys(kept: set[str]) -> None:
    assert [found_by(attack, kept) for attack in attacks()] == [0, 0, 0, 0]


def test_the_same_guesses_find_a_bare_hash_and_the_keys_find_everybody(kept: set[str]) -> None:
    index = indexer(PURPOSES[IdentityType.PHONE])
    assert found_by(lambda phone: index(phone).hex(), kept) == OURS
    careless = {sha256(str(FIRST + number).encode()).hexdigest()[:DIGITS] for number in range(OURS)}
    assert found_by(attacks()[0], careless) == OURS
