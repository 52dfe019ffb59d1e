"""From a plan to an activity that runs: submitted, scheduled, started, ended, archived, cancelled.

Starting and ending are claims of one row: whoever finds it in the state before does it, everybody else finds it done.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.enums import NoticeLevel
from accounts.models import User
from campaigns.enums import ActivityState
from campaigns.errors import (
    ActivityNotReady,
    ActivityStateWrong,
    AudienceEmpty,
    AudienceRewritten,
    NotInTheirFavour,
)
from campaigns.models import Activity, ActivityMember
from campaigns.rules.plan import lacks
from campaigns.selectors.approval import is_audience_rewritten, limit_of
from campaigns.services.activities import plan_of, release
from campaigns.services.approval import BEFORE_THE_START, KIND, move, settle, tell_owner, text_is_approved
from campaigns.services.attribution import ask_for_credit
from campaigns.services.freezing import freeze
from campaigns.services.words import in_words, reason_of
from compliance.enums.consent import Purpose
from compliance.enums.content import ReviewState
from compliance.selectors.gate import judge
from compliance.services.reviews import read_text
from compliance.services.reviews import submit as submit_text
from core.errors import ScrmError, Text
from core.services.surprises import each_by_itself
from loyalty.enums import CouponState
from loyalty.services.coupons import launch_coupon
from members.models import Member
from segments.selectors.audiences import members_of
from segments.selectors.fingerprints import fingerprint

STARTABLE = (ActivityState.APPROVED, ActivityState.SCHEDULED)


def submit(*, activity: Activity, by: User, now: datetime) -> Activity:
    """Put it before the legal reviewer, and before a second person where the budget asks for one.

    What the audience's rule says now is what is approved; the limit on its budget is fixed the first time. Raises
    ActivityNotReady with what is missing, AudienceEmpty, or what the review refuses (WordsForbidden, …). Call it
    outside of a transaction: that its text was read stays when it is refused, with the place where a proof is added.
    """
    with transaction.atomic():
        activity = _ready_to_submit(activity, now)
        if not text_is_approved(activity, at=now):
            read_text(kind=KIND, object_id=activity.pk, title=activity.name, by=by, now=now)
    return _submit(activity, by=by, now=now)


def _ready_to_submit(activity: Activity, now: datetime) -> Activity:
    activity = _locked(activity, ActivityState.DRAFT)
    _require_whole(activity, now)
    _require_somebody(activity, now)
    return activity


@transaction.atomic
def _submit(activity: Activity, *, by: User, now: datetime) -> Activity:
    activity = _ready_to_submit(activity, now)
    activity.text_approved = text_is_approved(activity, at=now)
    activity.budget_approved_by = activity.budget_approved_at = None
    activity.budget_limit = limit_of(activity)
    activity.audience_rule = fingerprint(activity.audience) if activity.audience else ""
    if not activity.text_approved:
        review = read_text(kind=KIND, object_id=activity.pk, title=activity.name, by=by, now=now)
        if review.state != ReviewState.IN_REVIEW:  # its author may have handed it on from the page of the review
            submit_text(review=review, by=by, now=now)
    move(activity, ActivityState.IN_REVIEW, by=by, now=now, action="campaigns.submit_activity")
    return settle(activity, now=now)


@transaction.atomic
def take_back(*, activity: Activity, by: User, now: datetime) -> Activity:
    """A draft again, to be changed and approved anew; a text that does not change stays approved."""
    activity = _locked(activity, *BEFORE_THE_START)
    move(activity, ActivityState.DRAFT, by=by, now=now, action="campaigns.take_back_activity")
    return activity


def schedule(*, activity: Activity, by: User, now: datetime) -> Activity:
    """It starts by itself at its time. Raises ActivityNotReady where that has passed, AudienceRewritten."""
    _require_approved_audience(activity, by=by, now=now)
    return _schedule(activity, by=by, now=now)


@transaction.atomic
def _schedule(activity: Activity, *, by: User, now: datetime) -> Activity:
    activity = _locked(activity, ActivityState.APPROVED)
    _require_whole(activity, now)
    if activity.starts_at is None or activity.starts_at <= now:
        raise ActivityNotReady(fields={"starts_at": [_("This time has passed. Start it now, or choose another.")]})
    move(activity, ActivityState.SCHEDULED, by=by, now=now, action="campaigns.schedule_activity")
    return activity


def launch(*, activity: Activity, by: User | None, now: datetime) -> Activity:
    """Freeze the audience and start at once, whenever it was to begin. Raises AudienceRewritten."""
    _require_approved_audience(activity, by=by, now=now)
    return _lock_and_start(activity, by=by, now=now)


@transaction.atomic
def _lock_and_start(activity: Activity, *, by: User | None, now: datetime) -> Activity:
    activity = locked_for_start(activity)
    start(activity, by=by, now=now)
    return activity


@transaction.atomic
def cancel(*, activity: Activity, reason: str, by: User, now: datetime) -> Activity:
    """Before the start only: what has begun is kept to its end. Raises ActivityNotReady without a reason.

    Its codes and offers are free for another activity, and its festival may be planned again (`plan_festival`).
    """
    activity = _locked(activity, ActivityState.DRAFT, *BEFORE_THE_START)
    if not reason.strip():
        raise ActivityNotReady(fields={"reason": [_("Say why.")]})
    freed, action = release(activity), "campaigns.cancel_activity"
    move(activity, ActivityState.CANCELLED, by=by, now=now, action=action, reason=reason, more=freed)
    return activity


@transaction.atomic
def stop(*, activity: Activity, reason: str, by: User, now: datetime) -> Activity:
    """End it before its time, which only a text that the law forbids allows. Raises NotInTheirFavour."""
    activity = _locked(activity, ActivityState.RUNNING)
    if activity.text_approved:
        raise NotInTheirFavour(_("It can be ended before its time only when legal review has withdrawn its text."))
    if not reason.strip():
        raise ActivityNotReady(fields={"reason": [_("Say why.")]})
    _end(activity, at=now, by=by, now=now, reason=reason)
    return activity


@transaction.atomic
def archive(*, activity: Activity, by: User, now: datetime) -> Activity:
    """Out of the list; its figures stay and are counted on."""
    activity = _locked(activity, ActivityState.ENDED)
    move(activity, ActivityState.ARCHIVED, by=by, now=now, action="campaigns.archive_activity")
    return activity


def start_due(*, now: datetime) -> int:
    """Start whatever's hour has come; answers how many. What cannot start is approved again, and its owner told why."""
    due = Activity.objects.filter(state=ActivityState.SCHEDULED, starts_at__lte=now)
    return each_claimed(due, lambda activity: _start_or_tell(activity, now))


def end_due(*, now: datetime) -> int:
    due = Activity.objects.filter(state=ActivityState.RUNNING, ends_at__lte=now)
    return each_claimed(due, lambda activity: _end(activity, at=activity.ends_at or now, by=None, now=now))


def each_claimed(due: QuerySet[Activity], act: Callable[[Activity], bool]) -> int:
    """One transaction for each; one that somebody else holds is left to them, and one that fails stops no other."""

    def claim(number: int) -> bool:
        with transaction.atomic():
            claimed = due.select_for_update(skip_locked=True, of=("self",)).filter(pk=number).first()
            return claimed is not None and act(claimed)

    return sum(each_by_itself(list(due.order_by("pk").values_list("pk", flat=True)), claim))


def _start_or_tell(activity: Activity, now: datetime) -> bool:
    if is_audience_rewritten(activity):
        draw_back(activity, by=None, now=now)
        return False
    try:
        with transaction.atomic():
            start(activity, by=None, now=now)
    except ScrmError as refused:
        activity.refresh_from_db()
        activity.launch_asked_at = None  # the owner is told once
        reason = reason_of(refused)
        move(activity, ActivityState.APPROVED, by=None, now=now, action="campaigns.fail_to_start", reason=reason)
        tell_owner(activity, _("It could not start: %(title)s"), NoticeLevel.ACT, now=now, body=reason)
        return False
    return True


def locked_for_start(activity: Activity) -> Activity:
    """Raises ActivityStateWrong for one that could not start."""
    return _locked(activity, *STARTABLE)


def _require_approved_audience(activity: Activity, *, by: User | None, now: datetime) -> None:
    """Raises AudienceRewritten after the activity has been sent back to draft, which stays."""
    with transaction.atomic():
        locked = locked_for_start(activity)
        rewritten = is_audience_rewritten(locked)
        if rewritten:
            draw_back(locked, by=by, now=now)
    if rewritten:
        raise AudienceRewritten


def draw_back(activity: Activity, *, by: User | None, now: datetime) -> None:
    """Nobody has approved the audience as it is now: a draft again, nobody is to start it, and its owner is told."""
    activity.launch_asked_at = None
    reason = str(AudienceRewritten.message)
    move(activity, ActivityState.DRAFT, by=by, now=now, action="campaigns.draw_back", reason=reason)
    tell_owner(activity, _("Back to draft: %(title)s"), NoticeLevel.ACT, now=now, body=reason)


def start(activity: Activity, *, by: User | None, now: datetime) -> None:
    """For a locked row. The order matters: what may be refused comes before the freezing."""
    if activity.state not in STARTABLE:
        raise ActivityStateWrong
    if is_audience_rewritten(activity):
        raise AudienceRewritten
    _require_whole(activity, now)
    if not text_is_approved(activity, at=now):
        raise ActivityNotReady(fields={"rules_text": [_("This text is not approved.")]})
    audience = activity.audience
    if audience is None:
        raise AudienceEmpty
    activity.audience_size = freeze(activity=activity, audience=audience, now=now)
    if not activity.audience_size:
        raise AudienceEmpty
    activity.blocked = blocked_now(activity, at=now)
    activity.frozen_at = activity.started_at = now
    activity.starts_at = min(activity.starts_at or now, now)
    activity.launch_asked_at = None
    ask_for_credit(activity, now=now)  # for orders that are told of while the audience is frozen
    move(activity, ActivityState.RUNNING, by=by, now=now, action="campaigns.start_activity")
    _launch_coupons(activity, by=by, now=now)


def blocked_now(activity: Activity, *, at: datetime) -> dict[str, int]:
    """Members of the frozen audience by the gate's first reason, as it stands now."""
    hers = ActivityMember.objects.filter(activity=activity.pk).values("member")
    found = judge(Member.objects.filter(pk__in=hers), purpose=Purpose.MARKETING, channel=activity.channel, at=at)
    return {str(reason): people for reason, people in found.first.items()}


def _launch_coupons(activity: Activity, *, by: User | None, now: datetime) -> None:
    """Coupons that are drafts still go live with it; those that cannot are named to the owner."""
    waiting = []
    for offer in activity.offers.filter(coupon__state=CouponState.DRAFT).select_related("coupon"):
        try:
            with transaction.atomic():
                launch_coupon(coupon=offer.coupon, by=by, now=now)  # type: ignore[arg-type]  # the filter saw to it
        except ScrmError:
            waiting.append(str(offer.coupon))
    if waiting:
        tell_owner(
            activity,
            _("Started without all of its coupons: %(title)s"),
            NoticeLevel.ACT,
            now=now,
            body=_("Not live yet: %(names)s.") % {"names": ", ".join(waiting)},
        )


def _end(activity: Activity, *, at: datetime, by: User | None, now: datetime, reason: str = "") -> bool:
    """`at` is when it was over for members, however late that is written down."""
    activity.ended_at = at
    move(activity, ActivityState.ENDED, by=by, now=now, action="campaigns.end_activity", reason=reason)
    return True


def _locked(activity: Activity, *states: str) -> Activity:
    locked = Activity.objects.select_for_update().get(pk=activity.pk)
    if locked.state not in states:
        raise ActivityStateWrong
    return locked


def lacking(activity: Activity, now: datetime) -> dict[str, list[Text]]:
    """By field, in words, what has to be there before anybody approves it."""
    faults = in_words(lacks(plan_of(activity), now))
    if activity.audience and not activity.audience.is_active:
        faults["audience"] = [_("This audience is archived. Choose another one.")]
    return faults


def _require_whole(activity: Activity, now: datetime) -> None:
    faults = lacking(activity, now)
    if faults:
        raise ActivityNotReady(fields=faults)


def _require_somebody(activity: Activity, now: datetime) -> None:
    if activity.audience is None or not members_of(activity.audience, now=now).exists():
        raise AudienceEmpty(fields={"audience": [AudienceEmpty.message]})
