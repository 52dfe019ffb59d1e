"""What may be chosen in the form of a member: within what the person may know of, by the same rules as in the API."""

from collections.abc import Mapping

from django.db.models import Q
from django.forms import Field, ModelChoiceField

from accounts.enums import Reach
from accounts.models import Store, User
from accounts.selectors import guides_visible_to, stores_visible_to
from members.models import Member


def narrow(fields: Mapping[str, Field], *, user: User, member: Member | None) -> None:
    """Offer stores and guides of `user`'s own, and what the member has already.

    Nobody loses a member from sight by a form: who is held to stores has to name one, a guide herself.
    """
    store, guide = fields.get("home_store"), fields.get("guide")
    if isinstance(store, ModelChoiceField):
        kept = Q(pk=member.home_store_id) if member else Q()
        store.queryset = Store.objects.filter(Q(pk__in=stores_visible_to(user).values("pk")) | kept)
        store.required = user.reach == Reach.STORES
    if isinstance(guide, ModelChoiceField):
        kept = Q(pk=member.guide_id) if member else Q()
        guide.queryset = User.objects.filter(Q(pk__in=guides_visible_to(user).values("pk")) | kept)
        guide.required = user.reach == Reach.OWN
