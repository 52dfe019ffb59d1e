"""Members and what they are known by, written by COPY."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import blake2b

import numpy as np
from django.db import connection

from core.keys import indexer
from core.services.sealing import subject_keys
from members.enums import Gender, IdentityType
from members.models import Identity
from members.rules.identities import PURPOSES
from members.rules.names import name_key
from scrm.demo import names
from scrm.demo.arrays import Array, stream
from scrm.demo.brand import ORIGINS, STORE
from scrm.demo.people import People
from scrm.demo.span import Span
from scrm.demo.staff import House

FIRST_NUMBER = 10_000_001
MEMBER = "id, name, name_key, gender, birthday, city_id, registered_at, home_store_id, guide_id, channel"
IDENTITY = "member_id, type, lookup, sealed, source, verified_at"
KNOWN_BY_PHONE, KNOWN_BY_EMAIL, KNOWN_BY_UNIONID = 0.94, 0.17, 0.62


def enrol(span: Span, people: People, house: House, *, seed: int) -> Array:
    """Write all members; answers their ids in the order of `people`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('members_member', 'id')) FROM generate_series(1, %s)", [len(people)]
        )
        ids = [row[0] for row in cursor.fetchall()]
        with cursor.copy(f"COPY members_member ({MEMBER}) FROM STDIN") as copy:
            for row in _members(span, people, house, ids):
                copy.write_row(row)
        known_by = list(_identities(span, people, ids, seed))
        with cursor.copy(f"COPY members_identity ({IDENTITY}) FROM STDIN") as copy:
            for row in known_by:
                copy.write_row(row)
    return np.array(ids)


def _members(span: Span, people: People, house: House, ids: list[int]) -> Iterator[tuple[object, ...]]:
    origins = [name for name, _share in ORIGINS]
    for place, member_id in enumerate(ids):
        name = str(people.name[place])
        city, shop, guide = people.city[place], people.shop[place], people.guide[place]
        yield (
            member_id,
            name,
            name_key(name),
            Gender.FEMALE if people.female[place] else Gender.MALE,
            _birthday(int(people.birthday[place])),
            int(house.cities[city]) if city >= 0 else None,
            span.start + timedelta(seconds=int(people.registered[place])) if people.known[place] else None,
            int(house.shops[shop]),
            int(house.guides[guide]) if guide >= 0 else None,
            origins[people.origin[place]],
        )


def _identities(span: Span, people: People, ids: list[int], seed: int) -> Iterator[tuple[object, ...]]:
    """A customer number for everybody, a phone for most, other identities for some."""
    draw = stream(seed, "identities")
    size = len(people)
    phones = names.phones(draw, size)
    by_phone, by_email, by_unionid = (
        draw.random(size) < share for share in (KNOWN_BY_PHONE, KNOWN_BY_EMAIL, KNOWN_BY_UNIONID)
    )
    verified = [span.start + timedelta(seconds=int(second)) for second in people.registered]
    for place, member_id in enumerate(ids):
        yield member_id, IdentityType.EXTERNAL_ID, _number(place), None, "crm", None
        if by_unionid[place]:
            yield member_id, IdentityType.UNIONID, f"oYF{_scrambled(place, seed)}", None, "weapp", verified[place]
    for place in np.flatnonzero(people.origin == [name for name, _share in ORIGINS].index(STORE)).tolist():
        yield ids[place], IdentityType.CARD, f"88{FIRST_NUMBER + int(place)}", None, "pos", None
    told = np.flatnonzero(by_phone & people.known).tolist()
    yield from _sealed(IdentityType.PHONE, [(ids[place], phones[place], verified[place]) for place in told])
    written = np.flatnonzero(by_email).tolist()
    yield from _sealed(
        IdentityType.EMAIL, [(ids[place], f"{_number(place).lower()}@example.com", None) for place in written]
    )


def _sealed(kind: IdentityType, values: list[tuple[int, str, datetime | None]]) -> Iterator[tuple[object, ...]]:
    """Protected values: the blind index to find them by, and the value under the member's own key."""
    field = Identity._meta.get_field("sealed")
    keys = subject_keys("member", (member_id for member_id, _value, _verified in values))
    index = indexer(PURPOSES[kind])
    sealed = keys.seal_all(field, ((member_id, value) for member_id, value, _verified in values))
    for (member_id, value, verified), secret in zip(values, sealed, strict=True):
        yield member_id, kind, index(value).hex(), secret, "crm", verified


def _number(place: int) -> str:
    return f"YF{FIRST_NUMBER + int(place)}"


def _scrambled(place: int, seed: int) -> str:
    """Twenty-five letters and digits, as a platform's identifier looks."""
    return blake2b(f"{seed}:{place}".encode(), digest_size=13).hexdigest()[:25]


def _birthday(day: int) -> date | None:
    return date(1970, 1, 1) + timedelta(days=day) if day else None
