"""From names in a body to the objects of a member, within what the caller may know of."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import guides_visible_to, is_held_to_stores, stores_visible_to
from core.errors import ValidationFailed
from members.models import City


def attributes_of(body: dict[str, Any], *, user: User, new: bool) -> dict[str, Any]:
    """`home_store`, `guide` and `city` as objects. Raises ValidationFailed naming each that is not there for `user`.

    A caller who is held to stores makes members of those stores, and cannot lose one to no store.
    """
    values, faults = dict(body), {}
    held = is_held_to_stores(user)
    if held and (new or "home_store" in values) and not values.get("home_store"):
        faults["home_store"] = [_("Say which of your stores.")]
    if values.get("home_store"):
        values["home_store"] = stores_visible_to(user).filter(code=values["home_store"]).first()
        if values["home_store"] is None:
            faults["home_store"] = [_("There is no such store.")]
    if values.get("guide"):
        values["guide"] = guides_visible_to(user).filter(username=values["guide"]).first()
        if values["guide"] is None:
            faults["guide"] = [_("There is no such guide.")]
    if "city" in values:
        values["city"] = City.objects.filter(name=values["city"]).first() if values["city"] else None
        if values["city"] is None and body["city"]:
            faults["city"] = [_("There is no such city; add it in the admin first.")]
    if faults:
        raise ValidationFailed(fields=faults)
    return values
