"""What imports know of a person: uploaded files that name her, rows of an import that is going on, values of reports."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.enums import Ending
from core.registries import PersonPath, PrivacyHandler, classify, privacy
from core.services.erasing import run
from intake.enums import UNFINISHED
from intake.errors import ImportsInTheWay
from intake.models import ImportJob
from intake.rules.mentions import mentions, named_in
from intake.selectors import may_be_growing, unnamed_uploads
from members.selectors.needles import needles_of

PATHS = (PersonPath("intake_staged_members.member_id", Ending.DELETE, _("A template without rows.")),)
_FORGET_VALUES = "UPDATE intake_importreject SET value = '' WHERE value = ANY(%(texts)s) AND value <> ''"


def export_imports(member_id: int) -> Mapping[str, Any]:
    """Nothing of its own: what an import brought stands with the members and their facts."""
    del member_id
    return {}


def erase_imports(member_id: int) -> int:
    """Remove uploads of ours that name her, also those that broke off, and her values from reject reports.

    Raises ImportsInTheWay while an import or an upload is going on that would bring her back: the erasure is taken up
    again.
    """
    needles = needles_of(member_id)
    if not needles.values:
        return 0
    if ImportJob.objects.filter(state__in=UNFINISHED).exists():
        raise ImportsInTheWay
    texts = list(needles.values | needles.masked)
    return _remove_uploads(needles.values) + run(_FORGET_VALUES, texts=texts)


def _remove_uploads(values: frozenset[str]) -> int:
    removed = 0
    for job in ImportJob.objects.filter(stored=True).exclude(path=""):
        path = Path(job.path)
        if not path.exists() or not mentions(path, values):
            continue
        path.unlink()
        ImportJob.objects.filter(pk=job.pk).update(path="")
        removed += 1
    for path in unnamed_uploads():
        named = named_in(path, values)
        if named is None and may_be_growing(path):
            raise ImportsInTheWay  # somebody's upload of just now: whether it names her is known when it is whole
        if named is not False:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


privacy.register(
    PrivacyHandler(
        code="imports",
        label=_("Imported files and their reports"),
        subject_kind="member",
        export=export_imports,
        erase=erase_imports,
        paths=PATHS,
        beside=("intake_importreject",),
        order=10,
    )
)
classify(
    "intake_importjob",
    quasi="path by_id file_name",
    none="id kind layout state dry_run stored file_size file_mark facts mapping timezone source attempts progress "
    "staged_rows rejected_rows last_line counts error created_at started_at finished_at read_rows",
)
classify("intake_importreject", identifier="value", none="id line column reason job_id further")
classify(
    "intake_staged_members",
    identifier="name name_key external_id phone phone_sealed email email_sealed unionid openid external_userid card",
    quasi="member_id birthday gender city home_store_id guide_id content",
    behavioural="registered_at channel",
    none="line",
)
classify(
    "intake_staged_purchases",
    identifier="external_id order_no",
    quasi="store_id",
    behavioural="line_at quantity unit_price product_code product_name channel coupon_code referral_code",
    none="line",
)
classify(
    "intake_staged_interactions",
    identifier="external_id",
    quasi="store_id key",
    behavioural="occurred_at kind channel subject",
    none="line",
)
classify(
    "intake_staged_consents",
    identifier="external_id",
    quasi="key",
    behavioural="occurred_at purpose channel action page",
    none="line notice_hash wording preset",
)
