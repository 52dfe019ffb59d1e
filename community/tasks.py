"""What communities do by themselves."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community import consumers
from community.enums.koc import SCORING
from community.errors.chats import ChatBusy
from community.selectors import ledger
from community.services import chats, texts, titles
from community.services.benefits import TASK as GIVE
from community.services.benefits import give_due
from community.services.following import run_chat_and_follow
from community.services.koc_effects import TASK as MEASURE
from community.services.koc_effects import measure_if_due
from community.services.koc_keeping import TASK as KEEP
from community.services.koc_keeping import keep_kocs
from community.services.koc_scoring import TASK as SCORE
from community.services.koc_scoring import score_if_due
from community.services.sharing import SETTLE, settle_due
from community.services.ugc import sweep_rights
from community.services.work_files import tidy_work_files
from core.errors import ScrmError
from core.registries import Schedule, schedules
from core.services.features import require_feature

__all__ = ["consumers", "ledger"]


@shared_task(name=SETTLE)
def settle_shares() -> int:
    """Let shares whose return window is over become payable."""
    return settle_due(now=timezone.now())


@shared_task(name="community.sweep_rights")
def sweep_ugc_rights() -> int:
    """Take UGC out of use whose author has withdrawn her consent, or whose last day has passed."""
    return sweep_rights(now=timezone.now())


@shared_task(name="community.tidy_files")
def tidy_files() -> int:
    """Remove files that nothing refers to."""
    return tidy_work_files(now=timezone.now())


@shared_task(name=GIVE)
def give_benefits() -> int:
    """Give KOC the coupons of their level."""
    return give_due(now=timezone.now())


@shared_task(name=SCORE)
def score_koc() -> dict[str, Any]:
    """Score the members of groups: once a day, and when somebody asked.

    Without an approved assessment nobody is scored by the clock (PIPL Art. 55): nothing is done, and Today says why.
    """
    now = timezone.now()
    try:
        require_feature(SCORING, now=now)
    except ScrmError as refused:
        return {"skipped": refused.code}
    run = score_if_due(now=now)
    return {"scored": run.members if run else 0}


@shared_task(name=MEASURE)
def measure_koc() -> int:
    """Measure the effect of KOC: once a week, and when somebody asked."""
    run = measure_if_due(now=timezone.now())
    return run.observed if run else 0


@shared_task(name=KEEP)
def keep_koc() -> int:
    """End KOC without consent, let invitations run out, follow merged members."""
    return keep_kocs(now=timezone.now())


schedules.register_all(
    (
        Schedule(
            code=SCORE,
            task=SCORE,
            description=_("Scores the members of groups, daily and where somebody asked for it"),
            every=timedelta(minutes=10),
            queue="bulk",
        ),
        Schedule(
            code=MEASURE,
            task=MEASURE,
            description=_("Measures the effect of KOC, weekly and where somebody asked for it"),
            every=timedelta(minutes=30),
            queue="bulk",
        ),
        Schedule(
            code=KEEP,
            task=KEEP,
            description=_("Ends KOC whose consent is gone, lets invitations run out"),
            every=timedelta(minutes=1),
        ),
        Schedule(
            code=SETTLE,
            task=SETTLE,
            description=_("Settles the shares of KOC whose return window is over"),
            every=timedelta(hours=1),
        ),
        Schedule(
            code="community.sweep_rights",
            task="community.sweep_rights",
            description=_("Takes UGC out of use when consent was withdrawn or its rights are over"),
            every=timedelta(minutes=5),
        ),
        Schedule(
            code="community.tidy_files",
            task="community.tidy_files",
            description=_("Removes files of KOC and members that nothing refers to"),
            crontab="55 4 * * *",
        ),
        Schedule(
            code=GIVE,
            task=GIVE,
            description=_("Gives KOC the coupons of their level"),
            crontab="20 9 * * *",
        ),
    )
)


# --- groups, who is in them, what is said there
@shared_task(name=chats.TASK)
def import_chat(job_id: int) -> None:
    """Do or finish one import of a chat; if another worker has it, there is nothing to do."""
    try:
        run_chat_and_follow(job_id=job_id, now=timezone.now())
    except ChatBusy:
        return


@shared_task(name="community.take_up_chats")
def take_up_chats() -> int:
    """Send every unfinished import to a worker."""
    return chats.wake_unfinished()


@shared_task(name="community.forget_texts")
def forget_texts() -> int:
    """Delete the texts of members who do not agree any more."""
    return texts.forget_texts(now=timezone.now())


@shared_task(name="community.tidy_chats")
def tidy_chats() -> int:
    """Remove what old imports of chats left behind."""
    return chats.tidy_chats(now=timezone.now())


schedules.register_all(
    (
        Schedule(
            code="community.take_up_chats",
            task="community.take_up_chats",
            description=_("Start waiting or interrupted imports of chats"),
            every=chats.TAKE_UP_EVERY,
        ),
        Schedule(
            code="community.forget_texts",
            task="community.forget_texts",
            description=_("Deletes texts from groups of members who no longer agree"),
            every=timedelta(minutes=10),
        ),
        Schedule(
            code="community.tidy_chats",
            task="community.tidy_chats",
            description=_("Removes files and reports of old imports of chats"),
            crontab="50 4 * * *",
        ),
    )
)


# --- moderation, value plans, titles
@shared_task(name="community.keep_titles")
def keep_titles() -> int:
    """Give and take titles by the whole days up to today."""
    kept = titles.keep_titles(now=timezone.now())
    return kept.given + kept.lost


schedules.register(
    Schedule(
        code="community.keep_titles",
        task="community.keep_titles",
        description=_("Gives and takes the titles of groups"),
        crontab="20 3 * * *",
        queue="bulk",
    )
)
