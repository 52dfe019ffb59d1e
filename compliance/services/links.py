"""The signed, expiring link by which a member reaches her privacy centre without any login."""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.models import User
from audit.services import Target, record
from compliance.errors.consent import LinkExpired, MemberErased
from compliance.models import PrivacyLink
from compliance.selectors.consent import is_erased
from compliance.selectors.settings import contact_settings
from members.models import Member

SALT = "compliance.privacy-centre"


@transaction.atomic
def issue_link(*, member_id: int, by: User | None, now: datetime) -> str:
    """The path of her privacy centre; a link that was given out before works no longer. Raises MemberErased.

    `by` is who gets to see it and hands it out; None where the product itself sends it to her own address.
    """
    if is_erased(member_id):
        raise MemberErased
    expires = now + timedelta(days=contact_settings().link_days)
    defaults = {"issued_by": by, "issued_at": now, "expires_at": expires}
    link, made = PrivacyLink.objects.select_for_update().get_or_create(pk=member_id, defaults=defaults)
    if not made:
        PrivacyLink.objects.filter(pk=link.pk).update(generation=F("generation") + 1, **defaults)
        link.refresh_from_db()
    target = Target(object_type="members.member", object_id=member_id)
    record(by=by, action="compliance.issue_link", obj=target, at=now)
    return reverse("privacy:centre", args=(token_of(link),))


def token_of(link: PrivacyLink) -> str:
    return signing.dumps([link.member_id, link.generation], salt=SALT)


def member_of_token(token: str, *, now: datetime) -> Member:
    """Whose link it is. Raises LinkExpired for one that is forged, replaced or too old, or whose member is gone."""
    try:
        member_id, generation = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkExpired from None
    link = PrivacyLink.objects.filter(pk=member_id, generation=generation, expires_at__gt=now).first()
    member = Member.objects.filter(pk=member_id).first() if link else None
    if member is None or is_erased(member_id):
        raise LinkExpired
    return member
