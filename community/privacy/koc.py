"""Who is a KOC and why: given out on request, and what goes with her."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.privacy import classify_history
from community.models import Koc, KocAcceptance, KocEvent, KocScore, KocScoreDay, LevelProposal
from community.rules.koc_scoring import FACTS, PARTS
from community.services.koc_forgetting import forget_koc
from core.enums import Ending
from core.registries import KnownNames, PersonPath, PrivacyHandler, Purge, classify, known_names, privacy, purges
from core.rules.whole import whole_in
from core.services.erasing import count_older, purge_older

KOC = (
    PersonPath(
        "community_koc.member_id",
        Ending.MASK,
        _("That there was a KOC, what she agreed to and what was paid stay as evidence and accounts, without her."),
    ),
    PersonPath("community_kocscore.member_id", Ending.DELETE),
    PersonPath("community_kocscoreday.member_id", Ending.DELETE),
)


def export_koc(member_id: int) -> Mapping[str, Any]:
    """Her score with its facts and parts and its course; whether she is a KOC, each step, and what she agreed to."""
    koc = Koc.objects.filter(member=member_id)
    steps = KocEvent.objects.filter(koc__member=member_id).order_by("at", "id")
    agreed = KocAcceptance.objects.filter(koc__member=member_id).select_related("agreement")
    proposed = LevelProposal.objects.filter(koc__member=member_id).order_by("made_at", "id")
    return {
        "score": [_score(row) for row in KocScore.objects.filter(pk=member_id).select_related("run")],
        "course": [
            {"day": row.day.isoformat(), "total": str(row.total)}
            for row in KocScoreDay.objects.filter(member=member_id).order_by("day")
        ],
        "koc": [{"state": row.state, "level": row.level, "code": row.referral_code or ""} for row in koc],
        "steps": [
            {"what": row.what, "level": row.to_level, "at": row.at.isoformat(), "reason": row.reason} for row in steps
        ],
        "agreed": [
            {"text": row.agreement.text, "at": row.accepted_at.isoformat()}
            for row in agreed.order_by("accepted_at", "id")
        ],
        "proposed": [
            {
                "what": row.kind,
                "to": row.to_level,
                "at": row.made_at.isoformat(),
                "decision": row.state,
                "note": row.note,
            }
            for row in proposed
        ],
    }


def _score(row: KocScore) -> Mapping[str, Any]:
    return {
        "as_of": row.run.as_of.isoformat(),
        "total": str(row.total),
        "parts": _by_name(PARTS, row.parts),
        "facts": _by_name(FACTS, row.facts),
    }


def _by_name(names: Sequence[str], values: Sequence[Any]) -> Mapping[str, str]:
    return {str(name): str(value) for name, value in zip(names, values, strict=True)}


def names_of_kocs(numbers: Iterable[str]) -> dict[str, str]:
    """What stands in the reason of a step goes without the name of whom it is about."""
    rows = Koc.objects.filter(
        pk__in=[number for number in map(whole_in, numbers) if number is not None], member__isnull=False
    )
    return {str(number): name for number, name in rows.values_list("pk", "member__name") if name}


def erase_koc(member_id: int) -> int:
    return forget_koc(member_id=member_id, now=timezone.now())


known_names.register(KnownNames(code="community.koc", names=names_of_kocs))
privacy.register(
    PrivacyHandler(
        code="community_koc",
        label=_("KOC and their scores"),
        subject_kind="member",
        export=export_koc,
        erase=erase_koc,
        paths=KOC,
        order=56,
    )
)
DAYS = {"table": "community_kocscoreday", "moment": "day", "member": "member_id"}
purges.register(
    Purge(
        code="koc_scores",
        label=_("Scores of KOC day by day"),
        days=400,
        count=count_older(**DAYS),
        purge=purge_older(**DAYS, key="member_id, day"),
        order=20,
    )
)
classify(
    "community_koc",
    quasi="id member_id merged_into_id referral_code",
    behavioural="state level invited_at invited_until invited_score since level_since ended_at reason",
    none="invited_by_id",
)
classify("community_kocagreement", none="id kind version text hash published_at by_id")
classify(
    "community_kocacceptance",
    quasi="id koc_id consent_event",
    behavioural="agreement_id hash accepted_at recorded_at source",
    none="by_id",
)
classify(
    "community_kocevent",
    quasi="id koc_id",
    behavioural="what from_state to_state from_level to_level reason at",
    none="by_id",
)
classify("community_levelrule", none="id level enter_score enter_days keep_score keep_days")
classify(
    "community_kocsettings",
    none="id invite_days rest_days effect_days lift_low lift_high ugc_low ugc_high score_asked_at score_asked_by_id effect_asked_at effect_asked_by_id",
)
classify(
    "community_levelproposal",
    quasi="id koc_id",
    behavioural="kind from_level to_level facts made_at state decided_at note",
    none="decided_by_id",
)
classify(
    "community_scoreweights",
    none="id version influence ugc purchases referrals consistency window_days share_low share_high reason by_id at",
)
classify("community_scorescale", none="id weights_id fact half share")
classify("community_scorerun", none="id as_of weights_id members strangers started_at seconds by_id")
classify(
    "community_kocscore",
    quasi="member_id",
    behavioural="total parts facts groups before_total before_parts before_facts",
    none="run_id before_run_id",
)
classify("community_kocscoreday", quasi="member_id", behavioural="day total parts")
classify("community_effectrun", none="id as_of days observed not_due seconds by_id")
classify(
    "community_effectfigure",
    none="id run_id treated outcome people matched controls before after control_before control_after effect low high "
    "reason",
)
classify(
    "community_koceffect",
    quasi="id koc_id",
    behavioural="outcome controls before after control_before control_after",
    none="run_id",
)
classify_history("community_koc", quasi="pgh_obj_id", behavioural="state level since level_since")
classify_history("community_levelrule", none="pgh_obj_id level enter_score enter_days keep_score keep_days")
