# ruff: noqa: PLR2004 - the numbers are the shape of the brand
"""The brand's house: regions, stores, products, and the people who work there."""

import secrets
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.contrib.auth.hashers import make_password

from accounts.enums import Role
from accounts.models import Region, Store, User
from accounts.services import create_staff
from members.models import City
from scrm.demo import names
from scrm.demo.arrays import Array, stream
from scrm.demo.brand import CITIES, GUIDES_PER_SHOP, ITEMS, REGIONS, SHOPS
from timeline.models import Product

DEMO_SHOP = 3
"""The shop of the manager and the guide who can sign in: 杭州西湖店."""

SIGN_INS = (
    # user name, display name, role, sees
    ("admin", "沈岚", Role.ADMINISTRATOR, ""),
    ("marketer", "林可", Role.MARKETER, ""),
    ("region", "周慧", Role.STORE_MANAGER, "region"),
    ("manager", "许静", Role.STORE_MANAGER, "shop"),
    ("guide", "陈宁", Role.GUIDE, "shop"),
    ("service", "何晓", Role.JUNIOR_SERVICE, ""),
    ("expert", "顾问苏然", Role.EXPERT, ""),
    ("legal", "方正言", Role.LEGAL, ""),
    ("auditor", "秦明", Role.AUDITOR, ""),
    ("analyst", "叶知秋", Role.ANALYST, ""),
)


@dataclass(frozen=True)
class SignIn:
    username: str
    name: str
    role: str
    password: str


@dataclass(frozen=True)
class House:
    """Database ids by the places that the generators use."""

    shops: Array
    guides: Array
    """Guide `n` of shop `s` stands at `s * GUIDES_PER_SHOP + n`; 0 for the online shop, which has none."""
    cities: Array
    sign_ins: tuple[SignIn, ...]


def furnish(*, seed: int, password: str, now: datetime) -> House:
    """Write the house. An empty `password` gives each sign-in a random one of its own."""
    regions = {
        code: Region.objects.get_or_create(code=code, defaults={"name": name})[0] for code, name in REGIONS.items()
    }
    shops = [
        Store.objects.get_or_create(
            code=shop.code, defaults={"name": shop.name, "city": shop.city, "region": regions[shop.region]}
        )[0]
        for shop in SHOPS
    ]
    Product.objects.bulk_create(
        (Product(code=item.code, name=item.name, category=item.category, cycle_days=item.cycle_days) for item in ITEMS),
        ignore_conflicts=True,
    )
    sign_ins = _sign_ins(shops, password, now)
    return House(
        shops=np.array([shop.pk for shop in shops]),
        guides=_floor_staff(shops, seed),
        cities=np.array([City.objects.get_or_create(name=name)[0].pk for name, _pull in CITIES]),
        sign_ins=sign_ins,
    )


def _sign_ins(shops: list[Store], password: str, now: datetime) -> tuple[SignIn, ...]:
    """One person per role who can sign in."""
    given = []
    hashed = make_password(password) if password else ""  # once: the demo's password is no secret
    for username, name, role, sees in SIGN_INS:
        secret = password or secrets.token_urlsafe(12)
        user = create_staff(
            username=username,
            role=role,
            by=None,
            now=now,
            display_name=name,
            region=shops[DEMO_SHOP].region if sees == "region" else None,
            stores=[shops[DEMO_SHOP]] if sees == "shop" else [],
        )
        User.objects.filter(pk=user.pk).update(password=hashed or make_password(secret))
        given.append(SignIn(username=username, name=name, role=str(role.label), password=secret))
    return tuple(given)


def _floor_staff(shops: list[Store], seed: int) -> Array:
    """A manager for each shop and its guides; they cannot sign in, save the guide of the demo shop."""
    draw = stream(seed, "staff")
    called = names.full_names(draw, draw.random(len(shops) * (GUIDES_PER_SHOP + 1)) < 0.85).tolist()
    closed = make_password(None)
    managers = [_colleague(f"manager-{shop.code}", called.pop(), Role.STORE_MANAGER, closed) for shop in shops[1:]]
    guides = [
        _colleague(f"guide-{shop.code}-{place + 1}", called.pop(), Role.GUIDE, closed)
        for shop in shops[1:]
        for place in range(GUIDES_PER_SHOP)
    ]
    User.objects.bulk_create([*managers, *guides])
    at_shop = [(user, shop) for user, shop in zip(managers, shops[1:], strict=True)]
    at_shop += [(user, shops[1 + place // GUIDES_PER_SHOP]) for place, user in enumerate(guides)]
    through = User.stores.through
    through.objects.bulk_create(through(user_id=user.pk, store_id=shop.pk) for user, shop in at_shop)
    ids = np.concatenate([np.zeros(GUIDES_PER_SHOP, dtype=int), [user.pk for user in guides]]).astype(int)
    ids[DEMO_SHOP * GUIDES_PER_SHOP] = User.objects.get(username="guide").pk
    return ids


def _colleague(username: str, name: str, role: Role, password: str) -> User:
    return User(username=username, display_name=name, role=role, is_staff=True, password=password)
