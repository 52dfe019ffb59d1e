"""Keeping a set of filters under a name."""

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import services as audit
from core.errors import Conflict, NotAllowed, ValidationFailed
from members.models import SavedView
from members.selectors.filters import filter_params, read_filters


class ViewNameTaken(Conflict):
    """One's own views have different names."""

    code = "view_name_taken"
    message = _("You have a view of that name already. Choose another name, or delete the old one first.")


class ViewNotYours(NotAllowed):
    code = "view_not_yours"
    message = _("Only the person who saved a view may delete it.")


def save_view(*, by: User, name: str, params: Mapping[str, Sequence[str]], shared: bool) -> SavedView:
    """Keep what `params` filter by. Raises ValidationFailed, ViewNameTaken, FilterNotValid."""
    name = name.strip()
    if not name or len(name) > 80:
        raise ValidationFailed(fields={"name": [_("Give the view a name of at most 80 characters.")]})
    if not read_filters(params):
        raise ValidationFailed(_("Filter the list first: a view without filters is the whole list."))
    try:
        with transaction.atomic():
            view = SavedView.objects.create(owner=by, name=name, filters=filter_params(params), shared=shared)
            audit.record(by=by, action="members.view_saved", obj=view, changes={"shared": [None, shared]})
    except IntegrityError:
        raise ViewNameTaken from None
    return view


@transaction.atomic
def delete_view(*, by: User, view: SavedView) -> None:
    """Raises ViewNotYours."""
    if view.owner_id != by.pk:
        raise ViewNotYours
    audit.record(by=by, action="members.view_deleted", obj=view)
    view.delete()
