"""From names in a body to the objects of a member, within what the caller may know of."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import Reach
from accounts.models import Store, User
from accounts.selectors import guides_visible_to, stores_visible_to
from core.errors import ValidationFailed
from members.models import City


def attributes_of(body: dict[str, Any], *, user: User, new: bool) -> dict[str, Any]:
    """`home_store`, `guide` and `city` as objects. Raises ValidationFailed naming each that is not there for `user`.

    Nobody can make a member, or turn one into a member, whom she would not see: a caller who is held to stores says
    which of them, and a guide's members are hers.
    """
    values = _bounded(body, user, new=new)
    faults: dict[str, list[str]] = {}
    if user.reach != Reach.ALL and "home_store" in values and not values["home_store"]:
        faults["home_store"] = [_("Say which of your stores.")]
    for name, find, sentence in (
        ("home_store", _store, _("There is no such store.")),
        ("guide", _guide, _("There is no such guide.")),
        ("city", _city, _("There is no such city; add it in the admin first.")),
    ):
        if values.get(name):
            values[name] = find(values[name], user)
            if values[name] is None:
                faults[name] = [sentence]
        elif name in values:
            values[name] = None
    if faults:
        raise ValidationFailed(fields=faults)
    return values


def _bounded(body: dict[str, Any], user: User, *, new: bool) -> dict[str, Any]:
    """The body with what a bounded caller has to say, or has no choice about."""
    values = dict(body)
    if new and user.reach != Reach.ALL:
        values.setdefault("home_store", None)
    if user.reach == Reach.OWN and (new or "guide" in values):
        values["guide"] = values.get("guide") or user.get_username()
    return values


def _store(code: str, user: User) -> Store | None:
    return stores_visible_to(user).filter(code=code).first()


def _guide(username: str, user: User) -> User | None:
    return guides_visible_to(user).filter(username=username).first()


def _city(name: str, user: User) -> City | None:
    del user
    return City.objects.filter(name=name).first()
