"""A coupon's life: draft → live ⇄ paused → ended. Its text goes through legal review before members see it."""

from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import changes_between
from audit.services import record, record_many
from compliance.models import Review
from compliance.services.reviews import read_text, submit
from loyalty.enums import CodeSource, CouponState
from loyalty.errors import (
    CouponInvalid,
    NothingToGive,
    OfferChanged,
    OfferStateWrong,
    ReasonNeeded,
    TextNotApproved,
    WorseForMembers,
)
from loyalty.models import Coupon
from loyalty.rules.terms import Terms, problems_of, worse_for_members
from loyalty.services.coupons import soldout
from loyalty.services.coupons.words import problems_in_words, worse_in_words
from loyalty.services.reviewing import COUPON, text_is_approved

FIELDS = tuple(field.name for field in fields(Terms))
OPEN = (CouponState.LIVE, CouponState.PAUSED)
LONGEST_REASON = 300


def terms_of(coupon: Coupon) -> Terms:
    return Terms(**{name: getattr(coupon, name) for name in FIELDS})


@transaction.atomic
def create_coupon(*, terms: Terms, by: User, now: datetime) -> Coupon:
    """A draft, with its text read for review. Raises CouponInvalid with the fields at fault.

    A coupon whose codes are made beforehand begins with a stock of 0: its stock is the number of its codes.
    """
    _require_sound(terms)
    coupon = Coupon(**_values(terms), created_at=now)
    if terms.code_source != CodeSource.CLAIM:
        coupon.stock = 0
    coupon.save()
    record(by=by, action="loyalty.create_coupon", obj=coupon, changes=_all_of(coupon), at=now)
    _read(coupon, by, now)
    return coupon


@transaction.atomic
def update_coupon(*, coupon: Coupon, terms: Terms, by: User, now: datetime, version: int | None = None) -> Coupon:
    """Change the rules: freely as a draft, in members' favour only since the launch, not at all after the end.

    A changed text goes back to review, and a live coupon waits for it. Raises CouponInvalid, WorseForMembers,
    OfferStateWrong, or OfferChanged where it is not at `version` any more.
    """
    coupon = Coupon.objects.select_for_update().get(pk=coupon.pk)
    if coupon.state == CouponState.ENDED:
        raise OfferStateWrong
    _require_sound(terms)
    before = terms_of(coupon)
    values = _values(terms)
    if terms.code_source != CodeSource.CLAIM:
        values["stock"] = coupon.codes.count()
    changes = changes_between(_plain(asdict(before)), _plain({**asdict(before), **values}))
    if changes and version not in {None, coupon.version}:
        raise OfferChanged
    worse = worse_for_members(before, replace(terms, **values))
    if coupon.launched_at is not None and worse:
        raise WorseForMembers(fields=worse_in_words(worse))
    for name, value in values.items():
        setattr(coupon, name, value)
    coupon.version += bool(changes)
    coupon.save(update_fields=[*values, "version"])
    soldout.forget(coupon.pk)
    if changes:
        record(by=by, action="loyalty.update_coupon", obj=coupon, changes=changes, at=now)
    _read(coupon, by, now)
    coupon.refresh_from_db()
    return coupon


@transaction.atomic
def submit_coupon(*, coupon: Coupon, by: User, now: datetime) -> Review:
    """Hand the text to the legal reviewers. Raises what `compliance.services.reviews.submit` raises."""
    return submit(review=_read(coupon, by, now), by=by, now=now)


@transaction.atomic
def launch_coupon(*, coupon: Coupon, by: User | None, now: datetime) -> Coupon:
    """Open it to claims, for the first time or after a pause.

    Raises TextNotApproved, NothingToGive or OfferStateWrong.
    """
    coupon = Coupon.objects.select_for_update().get(pk=coupon.pk)
    if coupon.state not in {CouponState.DRAFT, CouponState.PAUSED}:
        raise OfferStateWrong
    if not text_is_approved(kind=COUPON, object_id=coupon.pk, at=now):
        raise TextNotApproved
    if coupon.ends_at <= now or coupon.stock == 0:
        raise NothingToGive
    return _move(coupon, CouponState.LIVE, "loyalty.launch_coupon", by=by, now=now)


@transaction.atomic
def pause_coupon(*, coupon: Coupon, reason: str, by: User | None, now: datetime) -> Coupon:
    """Stop claims for a while; what was claimed can still be redeemed. Raises ReasonNeeded or OfferStateWrong."""
    _require_reason(reason)
    return _move(coupon, CouponState.PAUSED, "loyalty.pause_coupon", by=by, now=now, reason=reason)


@transaction.atomic
def end_coupon(*, coupon: Coupon, reason: str, by: User | None, now: datetime) -> Coupon:
    """Stop claims for good; what was claimed is good until its own end. Raises ReasonNeeded or OfferStateWrong.

    It is earlier than members were told, and may be: the offer is void for whoever has none yet. So it wants a reason.
    """
    _require_reason(reason)
    return _move(coupon, CouponState.ENDED, "loyalty.end_coupon", by=by, now=now, reason=reason)


@transaction.atomic
def end_due_coupons(*, now: datetime) -> int:
    """End those whose time is over; answers how many."""
    due = Coupon.objects.filter(state__in=OPEN, ends_at__lte=now)
    ended = list(due.select_for_update(skip_locked=True).order_by("pk"))
    Coupon.objects.filter(pk__in=[coupon.pk for coupon in ended]).update(state=CouponState.ENDED)
    return record_many(by=None, action="loyalty.end_coupon", targets=ended, at=now) if ended else 0


FROM = {
    CouponState.LIVE: (CouponState.DRAFT, CouponState.PAUSED),
    CouponState.PAUSED: (CouponState.LIVE,),
    CouponState.ENDED: OPEN,
}


def _move(
    coupon: Coupon, state: CouponState, action: str, *, by: User | None, now: datetime, reason: str = ""
) -> Coupon:
    """By a conditional update: of two who press at once, one is refused."""
    was = Coupon.objects.values_list("state", flat=True).get(pk=coupon.pk)
    moved = Coupon.objects.filter(Q(state=was), pk=coupon.pk, state__in=FROM[state]).update(
        state=state, launched_at=Coalesce("launched_at", now)
    )
    if not moved:
        raise OfferStateWrong
    coupon.refresh_from_db()
    record(by=by, action=action, obj=coupon, reason=reason, changes={"state": [was, state]}, at=now)
    return coupon


def _require_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        words = _("Say why, for the record, in up to %(limit)d characters.") % {"limit": LONGEST_REASON}
        raise ReasonNeeded(fields={"reason": [words]})


def _require_sound(terms: Terms) -> None:
    problems = problems_of(terms)
    if problems:
        raise CouponInvalid(fields=problems_in_words(problems))


def _read(coupon: Coupon, by: User, now: datetime) -> Review:
    return read_text(kind=COUPON, object_id=coupon.pk, title=coupon.name, by=by, now=now)


def _values(terms: Terms) -> dict[str, Any]:
    """Only what the kind of coupon uses is kept."""
    used = {"amount": ("amount",), "percent": ("percent", "most"), "gift": ("gift", "gift_cost")}[terms.kind]
    values = asdict(terms)
    for name in {"amount", "percent", "most", "gift", "gift_cost"} - set(used):
        values[name] = "" if name == "gift" else None
    values |= {"name": terms.name.strip(), "terms": terms.terms.replace("\r\n", "\n").replace("\x00", "").strip()}
    return values | {"stack_group": terms.stack_group.strip() if terms.stacking == "groups" else ""}


def _all_of(coupon: Coupon) -> dict[str, list[object]]:
    return {
        name: [None, value] for name, value in _plain(asdict(terms_of(coupon))).items() if value not in {"", "None"}
    }


def _plain(values: dict[str, object]) -> dict[str, str]:
    return {name: _said(value) for name, value in values.items()}


def _said(value: object) -> str:
    """A moment is the same in whatever zone it was said, an amount with its cents or without."""
    if isinstance(value, datetime):
        return str(value.astimezone(UTC))
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)
