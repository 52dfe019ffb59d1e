"""A merge moves no row of anybody, so an un-merge gives each record exactly what it had: over every table there is."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from accounts.models import User
from compliance.enums.consent import Channel
from compliance.models import ContactEvent
from compliance.services.erasure import plan
from compliance.services.links import issue_link
from compliance.services.retention import place_hold
from compliance.services.status import restrict
from members.models import Member, MinorAccess
from members.services import create_member, merge_members, unmerge_member
from segments.models import MemberStanding, MemberTag, MemberTagEvent, Tag, TagGroup, TierChange, TierRun
from tests.community import chats
from tests.compliance.gathered_facts import groups_koc_and_figures
from tests.compliance.people import EVENING, YEAR_AGO, said
from tests.compliance.planned_facts import offers_and_activities
from tests.timeline.facts import act, buy
from timeline.models import PurchaseDay
from timeline.services import TouchIn, make_months, record_touches

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
#: What an act writes of itself: its record, its evidence, the news of it, and that a record changed.
OF_THE_ACT = {
    "audit_auditentry",
    "members_memberhistory",
    "members_merging",
    "members_duplicatepair",
    "timeline_rebuild",
}
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    make_months(today=EVENING.date())


def furnished(name: str, phone: str, *, whole: bool = False) -> Member:
    """Somebody with facts, tags, consents and a hold; as a `whole` with a row in nearly every table that knows people."""
    identities = [{"type": "phone", "value": phone}, {"type": "card", "value": f"C-{phone}"}]
    who = create_member(by=None, now=YEAR_AGO, name=name, identities=identities)  # type: ignore[arg-type]
    order = f"ORD-{who.pk}"
    buy(who.pk, order, line_at=EVENING - DAY)
    act(who.pk, EVENING - DAY)
    came = TouchIn(line_no=1, member_id=who.pk, source="app", occurred_at=EVENING - 2 * DAY, code=f"T-{who.pk}")
    record_touches(rows=[came], now=EVENING)
    PurchaseDay.objects.create(member=who, day=YEAR_AGO.date(), orders=1, coupon_orders=1, amount=20)
    _stands(who)
    if whole:
        offers_and_activities(who, order)
        groups_koc_and_figures(who, order, f"{name}的话")
    _agreed(who)
    return who


def _stands(who: Member) -> None:
    run = TierRun.objects.create(
        as_of=YEAR_AGO, kind="full", horizon=0, ceiling=0, definitions={}, cutoffs={}, members=1, moved=1, by_tier={},
        started_at=YEAR_AGO, seconds=1,
    )  # fmt: skip
    MemberStanding.objects.create(member=who, tier="new", tier_since=YEAR_AGO, sums=[1, 2])
    TierChange.objects.create(member=who, at=YEAR_AGO, from_tier="", to_tier="new", run=run, sums=[1, 2])
    tag = Tag.objects.create(group=TagGroup.objects.create(name=who.name), name=who.name)
    MemberTag.objects.create(tag=tag, member=who, source="manual")
    MemberTagEvent.objects.create(member=who, tag_id=tag.pk, tag_name=tag.name, action="added", source="manual")


def _agreed(who: Member) -> None:
    said(who, "grant", YEAR_AGO + next(_numbers) * DAY)
    said(who, "withdraw", EVENING - next(_numbers) * DAY, channel=Channel.SMS)
    issue_link(member_id=who.pk, by=None, now=EVENING)
    lawyer = chats.person("lawyer")
    place_hold(member_id=who.pk, reason="诉讼", by=lawyer, now=EVENING)
    restrict(member_id=who.pk, reason="她的要求", by=lawyer, now=EVENING)
    ContactEvent.objects.create(member=who, occurred_at=YEAR_AGO, purpose="marketing", channel=Channel.SMS)
    asks = User.objects.get(username="lawyer")
    MinorAccess.objects.create(member=who, asked_by=asks, reason="回访", asked_at=EVENING)


def everything() -> dict[str, list[str]]:
    """Every row of every table of the product, without what an act writes of itself."""
    found = {}
    with connection.cursor() as cursor:
        tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - OF_THE_ACT)
        for table in (name for name in tables if name in connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT (to_jsonb(t) - 'updated_at')::text FROM {table} AS t ORDER BY 1")
            found[table] = [text for (text,) in cursor.fetchall()]
    return found


def differing(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """By table: rows that only the one has, and rows that only the other has."""
    found = {
        table: ([row for row in rows if row not in other[table]], [row for row in other[table] if row not in rows])
        for table, rows in one.items()
    }
    return {table: rows for table, rows in found.items() if any(rows)}


def merge(keep: Member, goes: Member, at: timedelta) -> None:
    pair = [Member.objects.get(pk=each.pk) for each in (keep, goes)]
    merge_members(keep=pair[0], merge=pair[1], by=None, reason="同一个手机号码", now=EVENING + at)


def unmerge(who: Member, at: timedelta) -> None:
    unmerge_member(member=Member.objects.get(pk=who.pk), by=None, reason="其实是两个人", now=EVENING + at)


def test_merge_moves_no_row_of_anybody_and_its_end_gives_all_back() -> None:
    one, other, third = (furnished(name, phone) for name, phone in (
        ("林晓", "13812345601"), ("林小晓", "13812345602"), ("小晓", "13812345603"),
    ))  # fmt: skip
    was = everything()
    for turn, (keep, goes) in enumerate(itertools.permutations((one, other, third), 2)):
        merge(keep, goes, turn * DAY)
        (changed,) = differing(was, everything()).items()
        assert changed[0] == "members_member", "the row that is led to the other, and nothing else"
        assert len(changed[1][0]) == len(changed[1][1]) == 1
        unmerge(goes, (turn + 0.5) * DAY)
        assert differing(was, everything()) == {}
    merge(other, third, 10 * DAY)
    merge(one, other, 11 * DAY)
    unmerge(other, 12 * DAY)
    unmerge(third, 13 * DAY)
    assert differing(was, everything()) == {}, "a chain is taken apart in any order"


def test_somebody_is_furnished_in_nearly_every_place() -> None:
    """Else the test above would prove little."""
    who = furnished("林晓", "13812345601", whole=True)
    filled = {each.path.table for part in plan(who.pk) for each in part.paths if each.rows}
    assert filled >= {
        "campaigns_participation",
        "community_groupparticipant",
        "community_koc",
        "compliance_consentevent",
        "compliance_legalhold",
        "loyalty_coupongrant",
        "loyalty_drawentry",
        "members_identity",
        "segments_memberstanding",
        "segments_membertag",
        "timeline_interaction",
        "timeline_purchase",
        "timeline_touch",
    }


def test_what_is_watched_is_written_to() -> None:
    """The planted violation: a tag that a merge took along would be seen."""
    one, other = furnished("林晓", "13812345601", whole=True), furnished("林小晓", "13812345602")
    was = everything()
    MemberTag.objects.filter(member=other).update(member=one)
    assert set(differing(was, everything())) == {"segments_membertag"}
