"""What the product does with KOC by itself: consent that is gone ends it, invitations run out, merged members stay one."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from community.enums.koc import STANDING, KocState
from community.errors.koc import KocStateWrong
from community.models import Koc
from community.services.koc_merging import bring_over, follow_merge, moved_records, stranded_accounts
from community.services.kocs import lapse, leave, pause
from compliance.enums.consent import Channel, Purpose, Reason
from compliance.rules.gate import rules_for
from compliance.selectors.gate import Verdict, gate_sql, positional, terms_for, verdicts
from core.services.claims import claimed
from core.services.surprises import each_by_itself
from members.models import Member

TASK = "community.keep_koc"
#: Without these consents she is no KOC any more; a notice that has changed only asks for consent anew.
ENDING = (Reason.ERASED, Reason.MINOR, Reason.NO_CONSENT, Reason.WITHDRAWN)
FOLLOWED = (*ENDING, Reason.RESTRICTED)


def keep_kocs(*, now: datetime) -> int:
    """One round over all KOC; answers how many moved. Each in a transaction of its own, and one that fails stops no other."""
    with claimed(TASK) as mine:
        return sum(each_by_itself(ROUNDS if mine else (), lambda step: step(now=now)))


def end_without_consent(*, now: datetime) -> int:
    """Who withdrew the consent to publishing leaves; whose data are restricted pauses.

    The gate is the judge, so a refusal by any door and any record of the person counts within a minute.
    """
    return sum(each_by_itself(_refused(now), lambda found: _follow(*found, now)))


def lapse_invitations(*, now: datetime) -> int:
    """Invitations that nobody answered in time."""
    late = Koc.objects.filter(state=KocState.INVITED, invited_until__lte=now).order_by("pk")
    return sum(each_by_itself(list(late), lambda koc: _unless_moved(lambda each: lapse(koc=each, now=now), koc)))


def follow_merges(*, now: datetime) -> int:
    """A KOC whose record was merged goes with the one that stands for her; of two the one who stands stays."""
    moved = each_by_itself(moved_records(), lambda number: follow_merge(koc_id=number, now=now))
    return sum(moved) + sum(each_by_itself(stranded_accounts(), lambda number: bring_over(koc_id=number, now=now)))


def _refused(now: datetime) -> list[tuple[Koc, Verdict]]:
    """The gate over all KOC by one statement: only those are read for whom something follows."""
    terms = terms_for(purpose=Purpose.PUBLISH, channel=Channel.ANY, at=now)
    sql, values = gate_sql(Member.objects.filter(pk__in=_standing().values("member")), terms)
    matters = " OR ".join(f"coalesce({rule.sql}, false)" for rule in rules_for(terms) if rule.reason in FOLLOWED)
    with connection.cursor() as cursor:
        # the rules' own text; every value is a bound parameter
        cursor.execute(*positional(f"{sql} SELECT member_id FROM facts WHERE {matters}", values))  # noqa: S608
        members = [number for (number,) in cursor.fetchall()]
    answers = verdicts(members, purpose=Purpose.PUBLISH, channel=Channel.ANY, at=now)
    standing = _standing().filter(member__in=[*answers])
    return [(koc, answers[koc.member_id]) for koc in standing if koc.member_id is not None]


def _standing() -> QuerySet[Koc]:
    return Koc.objects.filter(state__in=STANDING, member__isnull=False).order_by("pk")


def _follow(koc: Koc, answer: Verdict, now: datetime) -> int:
    ending = next((reason for reason in answer.refusals if reason in ENDING), None)
    if ending is not None:
        said = _("Publishing: %(reason)s") % {"reason": ending.label}
        return _unless_moved(lambda each: leave(koc=each, by=None, now=now, reason=said), koc)
    if Reason.RESTRICTED in answer.refusals and koc.state == KocState.ACTIVE:
        said = str(Reason.RESTRICTED.label)
        return _unless_moved(lambda each: pause(koc=each, by=None, now=now, reason=said), koc)
    return 0


def _unless_moved(step: Callable[[Koc], Koc], koc: Koc) -> int:
    """Somebody else may have moved her since she was read: then there is nothing to do."""
    try:
        step(koc)
    except KocStateWrong:
        return 0
    return 1


ROUNDS = (follow_merges, end_without_consent, lapse_invitations)
