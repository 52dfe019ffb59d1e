"""Bodies of merging, and the record that one means."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.callers import caller_of
from core.api.fields import StrictSerializer, TextField
from core.errors import NotFound
from members.api.references import MemberReferenceField, Reference, Resolver
from members.api.scoping import member_or_404
from members.models import Member, Merging

HOW = _("How you know; kept in the audit log. At least four characters.")


class MergeIn(StrictSerializer):
    """Whom to merge, by her number or by something that she is known by today, and how you know."""

    member = MemberReferenceField(help_text=_("The record that is led to the one of the address."))
    reason = TextField(max_length=300, help_text=HOW)


class UnmergeIn(StrictSerializer):
    reason = TextField(max_length=300, help_text=HOW)


class MergingSerializer(serializers.ModelSerializer[Merging]):
    """`member_id` was led to `into_id`; `undone_at` when that was taken back."""

    class Meta:
        model = Merging
        fields = ("member_id", "into_id", "at", "undone_at")


def other_of(reference: Reference, request: Request) -> Member:
    """The very record of that number, or whoever is known so; within what the caller may see. Raises NotFound."""
    if reference.member_id:
        return member_or_404(request, str(reference.member_id))
    found = Resolver([reference], user=caller_of(request)).member_id(reference)
    if found is None:
        raise NotFound(fields={"member": [_("There is no such member.")]})
    return member_or_404(request, str(found))
