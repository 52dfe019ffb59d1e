"""Keeping a set of filters under a name."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit import services as audit
from core.errors import ValidationFailed
from members.errors import ViewNameTaken, ViewNotYours
from members.models import SavedView, check_parameters

LENGTH = 80


def save_view(*, by: User, now: datetime, name: str, params: Mapping[str, Sequence[str]], shared: bool) -> SavedView:
    """Keep what `params` filter by. Raises ValidationFailed, ViewNameTaken, FilterNotValid."""
    name = name.strip()
    if not name or len(name) > LENGTH:
        raise ValidationFailed(fields={"name": [_("Give the view a name of at most 80 characters.")]})
    if not params:
        raise ValidationFailed(_("Filter the list first: a view without filters is the whole list."))
    check_parameters(params, now=now)
    try:
        with transaction.atomic():
            view = SavedView.objects.create(owner=by, name=name, filters=dict(params), shared=shared)
            audit.record(by=by, action="members.view_saved", obj=view, changes={"shared": [None, shared]}, at=now)
    except IntegrityError:
        raise ViewNameTaken from None
    return view


@transaction.atomic
def delete_view(*, by: User, now: datetime, view: SavedView) -> None:
    """Raises ViewNotYours."""
    if view.owner_id != by.pk:
        raise ViewNotYours
    audit.record(by=by, action="members.view_deleted", obj=view, at=now)
    view.delete()
