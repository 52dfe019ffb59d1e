"""The POSTs of KOC, for `test_acts_of_the_pages`."""

from django.urls import reverse
from django.utils import timezone

from community.services import kocs
from tests.assessments import assess
from tests.community import koc_cast as people
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about, to
from tests.scrm.pages_of_koc import active, invited, paused, proposed

WHY = {"reason": "演示"}
WEIGHTS = {
    **dict.fromkeys(("influence", "ugc", "purchases", "referrals", "consistency"), "20"),
    **{
        f"{fact}.{name}": value
        for fact in (
            *("messages", "answered", "reached", "pieces", "used"),
            *("orders", "spend", "invited", "brought", "referred"),
        )
        for name, value in (("half", "7"), ("share", "1"))
    },
    "window_days": "60",
    "share_low": "10",
    "share_high": "15",
    **WHY,
}
LEVELS = {
    **{
        f"{level}.{name}": value
        for level in ("co_creation", "priority", "revenue_share")
        for name, value in (("enter_score", "20"), ("enter_days", "10"), ("keep_score", "10"), ("keep_days", "14"))
    },
    "invite_days": "10",
    "rest_days": "30",
    "effect_days": "30",
    "lift_low": "18",
    "lift_high": "25",
    "ugc_low": "3",
    "ugc_high": "5",
    **WHY,
}


def invite(cast: Cast) -> Act:
    people.joined(people.group(), cast.member)
    return Act(reverse("community:koc_invite"), {"member": [str(cast.member.pk)]})


def scores_asked_for(_cast: Cast) -> Act:
    assess("koc_scoring")
    return Act(reverse("community:koc_score"))


def share(cast: Cast) -> int:
    """One who may be moved to the third level."""
    koc = active(cast.member)
    kocs.agree_to_share(
        koc=koc, version=people.version("revenue_share"), source="staff", by=people.marketer(), now=timezone.now()
    )
    return koc.pk


KOC_ACTS: dict[str, Maker] = {
    "community:koc_invite": invite,
    "community:koc_score": scores_asked_for,
    "community:koc_measure": to("community:koc_measure"),
    "community:koc_weights": to("community:koc_weights", WEIGHTS),
    "community:koc_levels": to("community:koc_levels", LEVELS),
    "community:koc_text": lambda _cast: Act(
        reverse("community:koc_text", args=("programme",)), {"text": "自愿参与，可随时退出。" * 10, **WHY}
    ),
    "community:koc_decide": about(
        "community:koc_decide", lambda cast: proposed(cast.member).pk, {"decision": "confirm", **WHY}
    ),
    "community:koc_accept": about("community:koc_accept", lambda cast: invited(cast.member).pk, {"version": "1"}),
    "community:koc_decline": about("community:koc_decline", lambda cast: invited(cast.member).pk),
    "community:koc_take_back": about("community:koc_take_back", lambda cast: invited(cast.member).pk, WHY),
    "community:koc_pause": about("community:koc_pause", lambda cast: active(cast.member).pk, WHY),
    "community:koc_resume": about("community:koc_resume", lambda cast: paused(cast.member).pk),
    "community:koc_leave": about("community:koc_leave", lambda cast: active(cast.member).pk, WHY),
    "community:koc_demote": about("community:koc_demote", lambda cast: active(cast.member).pk, WHY),
    "community:koc_agree": about("community:koc_agree", lambda cast: active(cast.member).pk, {"version": "1"}),
    "community:koc_level": about("community:koc_level", share, {"level": "revenue_share", **WHY}),
}
