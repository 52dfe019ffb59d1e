"""Activities: made, changed, copied. A draft may change in everything; one that runs in the members' favour only."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules import Changes, changes_between
from audit.services import record
from campaigns.enums import ActivityState, Form, Level
from campaigns.errors import (
    ActivityChanged,
    ActivityNotValid,
    ActivityStateWrong,
    NotInTheirFavour,
    SecondPersonNeeded,
)
from campaigns.models import Activity, ActivityCode, ActivityOffer, TrackedLink
from campaigns.models.activities import FOLDED_CODE
from campaigns.rules.codes import folded
from campaigns.rules.plan import GROWING, Plan, against_members, problems_of
from campaigns.selectors.approval import limit_of
from campaigns.services.approval import KIND
from campaigns.services.attribution import ask_for_credit
from campaigns.services.words import in_words
from compliance.enums.consent import Channel
from compliance.services.reviews import read_text
from loyalty.models import Coupon, Draw
from segments.models import Audience

COLUMNS = (
    *("name", "level", "form", "title", "rules_text", "owner_id", "budget", "audience_id", "channel"),
    *("window_days", "starts_at", "ends_at"),
)
TEXTS = {"name": 80, "title": 60, "rules_text": 3000}


def plan_of(activity: Activity) -> Plan:
    offers = list(activity.offers.values_list("coupon_id", "draw_id"))
    return Plan(
        **{name: getattr(activity, name) for name in COLUMNS},
        codes=tuple(sorted(activity.codes.values_list("code", flat=True))),
        coupons=tuple(sorted(coupon for coupon, _draw in offers if coupon)),
        draws=tuple(sorted(draw for _coupon, draw in offers if draw)),
    )


@transaction.atomic
def create_activity(*, plan: Plan, by: User, now: datetime, source: Activity | None = None) -> Activity:
    """A draft. Raises ActivityNotValid with every field at fault."""
    plan = _checked(plan, None)
    activity = Activity(by=by, created_at=now, source=source)
    return _write(activity, None, plan, by=by, now=now, action="campaigns.create_activity")


@transaction.atomic
def change_activity(
    *, activity: Activity, plan: Plan, by: User, now: datetime, seen_at: datetime | None = None
) -> Activity:
    """`seen_at` is when it had last been changed where the caller saw it: raises ActivityChanged if it was changed since.

    Raises ActivityNotValid; ActivityStateWrong while it is being approved or waits; NotInTheirFavour while it runs.
    """
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    before = plan_of(activity)
    plan = _checked(plan, activity)
    if seen_at is not None and seen_at != activity.changed_at and plan != before:
        raise ActivityChanged
    if activity.state == ActivityState.RUNNING:
        _require_their_favour(activity, before, plan)
        _catch_up(activity, before, plan, now=now)
    elif activity.state != ActivityState.DRAFT:
        raise ActivityStateWrong(_("Take it back to a draft before you change it."))
    elif plan.owner_id == activity.budget_approved_by_id:
        activity.budget_approved_by = activity.budget_approved_at = None
    return _write(activity, before, plan, by=by, now=now, action="campaigns.change_activity")


@transaction.atomic
def amend_activity(*, activity: Activity, values: Mapping[str, Any], by: User, now: datetime) -> Activity:
    """Change what is named, by the fields of Plan; all else stays as it is by then. Raises what `change_activity` does."""
    activity = Activity.objects.select_for_update().get(pk=activity.pk)
    return change_activity(activity=activity, plan=replace(plan_of(activity), **values), by=by, now=now)


@transaction.atomic
def clone_activity(*, activity: Activity, by: User, now: datetime) -> Activity:
    """A draft with the same plan, without dates, codes and offers, which belong to one activity each."""
    name = (_("%(name)s (copy)") % {"name": activity.name})[-TEXTS["name"] :]
    plan = replace(
        plan_of(activity), name=name, owner_id=by.pk, starts_at=None, ends_at=None, codes=(), coupons=(), draws=()
    )
    if not Audience.objects.filter(pk=plan.audience_id or 0, state="active").exists():
        plan = replace(plan, audience_id=None)
    return create_activity(plan=plan, by=by, now=now, source=activity)


def release(activity: Activity) -> Changes:
    """Its codes and offers are free for another activity; for a locked row. Answers what the record is to say."""
    before = plan_of(activity)
    after = replace(before, codes=(), coupons=(), draws=())
    _set_belongings(activity, after)
    return changes_between(_plain(before), _plain(after))


def _checked(plan: Plan, activity: Activity | None) -> Plan:
    """The plan as it is kept. Raises ActivityNotValid."""
    texts = {name: getattr(plan, name).replace("\r\n", "\n").replace("\x00", "").strip() for name in TEXTS}
    codes = tuple(sorted({folded(code) for code in plan.codes} - {""}))
    plan = replace(plan, **texts, codes=codes, coupons=_sorted(plan.coupons), draws=_sorted(plan.draws))
    faults = {**in_words(problems_of(plan)), **_unknown(plan), **_taken(plan, activity)}
    for name, most in TEXTS.items():
        if len(getattr(plan, name)) > most:
            faults[name] = [_("At most %(most)d characters.") % {"most": most}]
    if faults:
        raise ActivityNotValid(fields=faults)
    return plan


def _sorted(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers)))


def _unknown(plan: Plan) -> dict[str, Any]:
    """Choices that are none, and rows that there are not."""
    choices = {"level": (plan.level, Level), "form": (plan.form, Form), "channel": (plan.channel, Channel)}
    faults = {
        name: [_("Choose one of the list.")] for name, (value, kind) in choices.items() if value not in kind.values
    }
    if plan.channel == Channel.ANY:
        faults["channel"] = [_("Choose one of the list.")]
    if plan.audience_id and not Audience.objects.filter(pk=plan.audience_id).exists():
        faults["audience"] = [_("There is no such audience.")]
    if not User.objects.filter(pk=plan.owner_id, is_active=True).exists():
        faults["owner"] = [_("There is no such member of staff.")]
    for field, model in (("coupons", Coupon), ("draws", Draw)):
        numbers = getattr(plan, field)
        if model.objects.filter(pk__in=numbers).count() < len(numbers):
            faults[field] = [_("There is no such offer.")]
    return faults


def _taken(plan: Plan, activity: Activity | None) -> dict[str, Any]:
    """What belongs to another activity: the orders and entries of one offer or code are those of one activity."""
    other = Activity.objects.exclude(pk=activity.pk) if activity else Activity.objects.all()
    faults: dict[str, Any] = {}
    codes = set(ActivityCode.objects.filter(code__in=plan.codes, activity__in=other).values_list("code", flat=True))
    links = TrackedLink.objects.annotate(folded=FOLDED_CODE).filter(folded__in=plan.codes)
    codes |= set(links.values_list("folded", flat=True))
    if codes:
        faults["codes"] = [_("In use elsewhere: %(codes)s.") % {"codes": ", ".join(sorted(codes))}]
    for field in ("coupon", "draw"):
        wanted = {f"{field}__in": getattr(plan, f"{field}s"), "activity__in": other}
        names = [str(offer) for offer in ActivityOffer.objects.filter(**wanted).select_related(field)]
        if names:
            faults[f"{field}s"] = [_("In another activity already: %(names)s.") % {"names": ", ".join(names)}]
    return faults


def _require_their_favour(activity: Activity, before: Plan, plan: Plan) -> None:
    faults = in_words(against_members(before, plan))
    if faults:
        raise NotInTheirFavour(fields=faults)
    if plan.owner_id == activity.budget_approved_by_id:
        words = _("This person approved the budget, and can therefore not lead the activity.")
        raise ActivityNotValid(fields={"owner": [words]})
    if (plan.budget or 0) > max(limit_of(activity), before.budget or 0):
        raise SecondPersonNeeded(fields={"budget": [SecondPersonNeeded.message]})


def _catch_up(activity: Activity, before: Plan, plan: Plan, *, now: datetime) -> None:
    """What joins late counts from the start: claims are looked through as a whole, orders with codes and coupons credited."""
    joined = {name for name in GROWING if set(getattr(plan, name)) - set(getattr(before, name))}
    if joined & {"coupons", "draws"} or plan.ends_at != before.ends_at:
        activity.harvested_at = None
    if joined & {"codes", "coupons"}:
        ask_for_credit(activity, now=now)


def _write(activity: Activity, before: Plan | None, plan: Plan, *, by: User, now: datetime, action: str) -> Activity:
    for name in COLUMNS:
        setattr(activity, name, getattr(plan, name))
    activity.changed_at = now
    activity.save()
    _set_belongings(activity, plan)
    changes = changes_between(_plain(before), _plain(plan))
    if changes:
        record(by=by, action=action, obj=activity, changes=changes, at=now)
    if activity.state == ActivityState.DRAFT and (plan.title or plan.rules_text):
        read_text(kind=KIND, object_id=activity.pk, title=plan.name, by=by, now=now)
    return activity


def _set_belongings(activity: Activity, plan: Plan) -> None:
    activity.codes.exclude(code__in=plan.codes).delete()
    ActivityCode.objects.bulk_create(
        (ActivityCode(code=code, activity=activity) for code in plan.codes), ignore_conflicts=True
    )
    activity.offers.exclude(coupon__in=plan.coupons).exclude(draw__in=plan.draws).delete()
    held = set(activity.offers.values_list("coupon_id", "draw_id"))
    wanted = {*((number, None) for number in plan.coupons), *((None, number) for number in plan.draws)}
    ActivityOffer.objects.bulk_create(
        ActivityOffer(activity=activity, coupon_id=coupon, draw_id=draw)
        for coupon, draw in sorted(wanted - held, key=str)
    )


def _plain(plan: Plan | None) -> dict[str, Any]:
    if plan is None:
        return dict.fromkeys((*COLUMNS, *GROWING))
    values = asdict(plan)
    joined = {name: ", ".join(str(each) for each in values[name]) for name in GROWING}
    return {name: None if value is None else str(value) for name, value in {**values, **joined}.items()}
