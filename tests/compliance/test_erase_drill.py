"""The erase drill: a member with data in every place; afterwards nothing in dump, files, broker and logs finds her."""

import logging
import subprocess
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from accounts.models import User
from accounts.services.exports import request_export, run_export
from audit.services import deliver_seals, seal_rows, verify
from compliance.enums.consent import Channel, ConsentSource
from compliance.enums.rights import ErasureReason, ErasureState, RequestKind, RequestSource
from compliance.models import ContactEvent, IncidentMember
from compliance.selectors.gate import may_contact
from compliance.services.consent import ConsentIn, record
from compliance.services.erasure import erase, plan, vacuum_erased
from compliance.services.incidents import list_affected, open_incident
from compliance.services.links import issue_link
from compliance.services.requests import open_request
from compliance.services.retention import lift_hold, place_hold
from compliance.services.status import lift_restriction, restrict
from core import roles
from core.enums import Ending
from core.rules.masking import mask_email, mask_phone
from core.services.idempotency import StoredAnswer, once
from intake.enums import ImportState
from intake.models import ImportJob, ImportReject
from members.enums import IdentityType
from members.models import Identity, Member, MinorAccess, SavedView
from members.services import create_member, merge_members, unmerge_member
from scrm.celery import app
from scrm.databases import conninfo
from scrm.postgres import binaries
from segments.enums import TagAction, TagSource
from segments.models import MemberStanding, MemberTag, MemberTagEvent, Tag, TagGroup, TierChange, TierRun
from tests.brand import administrator
from tests.compliance.gathered_facts import groups_koc_and_figures
from tests.compliance.people import EVENING, YEAR_AGO, published
from tests.compliance.planned_facts import offers_and_activities, proof_that_shows
from timeline.enums import InteractionKind
from timeline.models import PurchaseDay
from timeline.services import (
    InteractionIn,
    PurchaseLineIn,
    TouchIn,
    record_interactions,
    record_purchases,
    record_touches,
)

PHONE, EMAIL, NAME = "13812349876", "xiaoyun.drill@example.com", "欧阳晓云"
KNOWN = {
    IdentityType.PHONE: PHONE,
    IdentityType.EMAIL: EMAIL,
    IdentityType.EXTERNAL_ID: "CRM-88123401",
    IdentityType.UNIONID: "oUnion-drill-7781",
    IdentityType.OPENID: "oOpen-drill-7782",
    IdentityType.EXTERNAL_USERID: "wmDrill-7783",
    IdentityType.CARD: "CARD-7784-DRILL",
}
ORDER, COUPON, DEVICE = "ORD-DRILL-5521", "CPN-DRILL-5522", "device-drill-5523"
#: What she, a till or a shop writes into a text that is free.
WRITTEN = {
    "identity card": "11010519900307881X",
    "address": "愚园路1088弄7号302室",
    "remark": "请勿致电，放在门卫处",
    "device": DEVICE,
    "phone with country": f"+86{PHONE}",
    "e-mail": EMAIL,
}


@pytest.fixture
def she(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Member:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    monkeypatch.setattr(settings, "SCRM_SEALS", tmp_path / "seals")
    earlier = create_member(by=None, now=YEAR_AGO, name="韩梅")
    who = create_member(
        by=None,
        now=YEAR_AGO,
        name=NAME,
        identities=[{"type": kind, "value": value, "source": "crm"} for kind, value in KNOWN.items()],
    )
    _taken_for_another(who, earlier)
    _facts(who)
    _standing(who)
    offers_and_activities(who, ORDER)
    groups_koc_and_figures(who, ORDER, f"{NAME} {WRITTEN}")
    proof_that_shows(who, f"%PDF-1 {WRITTEN} {NAME}".encode(), f"{NAME}.pdf")
    administrator()
    _compliance(who)
    _beside(who, tmp_path / "files")
    _leaked(who)
    Member.objects.filter(pk=who.pk).update(channel="app")  # and what she was before
    Identity.objects.filter(member=who).update(source="till")
    return who


def _taken_for_another(who: Member, earlier: Member) -> None:
    """Merged by mistake, either way, and let go again."""
    later = create_member(by=None, now=YEAR_AGO, name="方芳")
    for keep, goes in ((who, earlier), (earlier, who), (who, later)):
        pair = [Member.objects.get(pk=each.pk) for each in (keep, goes)]
        merge_members(keep=pair[0], merge=pair[1], by=None, reason=f"{NAME}，同一人", now=YEAR_AGO)
        unmerge_member(member=Member.objects.get(pk=goes.pk), by=None, reason=f"{NAME}，同一人", now=YEAR_AGO)


def _facts(who: Member) -> None:
    friend = create_member(by=None, now=YEAR_AGO, name="李雷")
    common = {"line_no": 1, "source": "shop"}
    record_purchases(
        rows=[
            PurchaseLineIn(
                **common,
                member_id=who.pk,
                order_no=ORDER,
                line_at=YEAR_AGO,
                product_code="P1",
                quantity=Decimal(2),
                unit_price=Decimal("10.00"),
                coupon_code=COUPON,
            )
        ],
        now=EVENING,
    )
    record_interactions(
        rows=[
            InteractionIn(
                **common,
                member_id=who.pk,
                occurred_at=YEAR_AGO,
                kind=InteractionKind.MESSAGE,
                subject=f"call me on {PHONE}",
                properties=WRITTEN,
            )
        ],
        now=EVENING,
    )
    record_touches(
        rows=[
            TouchIn(**common, member_id=who.pk, occurred_at=YEAR_AGO, code="T-1"),
            TouchIn(**{**common, "line_no": 2}, member_id=friend.pk, occurred_at=YEAR_AGO, inviter_id=who.pk),
        ],
        now=EVENING,
    )
    PurchaseDay.objects.create(member=who, day=YEAR_AGO.date(), orders=1, coupon_orders=1, amount=20)


def _standing(who: Member) -> None:
    run = TierRun.objects.create(
        as_of=YEAR_AGO,
        kind="full",
        horizon=0,
        ceiling=0,
        definitions={},
        cutoffs={},
        members=1,
        moved=1,
        by_tier={},
        started_at=YEAR_AGO,
        seconds=1,
    )
    MemberStanding.objects.create(member=who, tier="new", tier_since=YEAR_AGO, sums=[1, 2])
    TierChange.objects.create(member=who, at=YEAR_AGO, from_tier="", to_tier="new", run=run, sums=[1, 2])
    tag = Tag.objects.create(group=TagGroup.objects.create(name="drill"), name="drill")
    MemberTag.objects.create(tag=tag, member=who, source=TagSource.values[0])
    MemberTagEvent.objects.create(
        member=who, tag_id=tag.pk, tag_name="drill", action=TagAction.values[0], source=TagSource.values[0]
    )


def _compliance(who: Member) -> None:
    notice = published()
    for action, at in (("grant", YEAR_AGO + timedelta(days=1)), ("withdraw", EVENING - timedelta(days=1))):
        said = ConsentIn(
            member_id=who.pk,
            purpose="marketing",
            channel=Channel.ANY,
            action=action,
            occurred_at=at,
            notice_hash=notice.hash,
            note=f"{NAME} said so on {PHONE}, {WRITTEN}",
        )
        record(said=said, source=ConsentSource.PAGE, by=None, now=at)
    issue_link(member_id=who.pk, by=None, now=EVENING)
    admin = User.objects.get(username="admin")
    hold = place_hold(member_id=who.pk, reason=f"{NAME} goes to court", by=admin, now=EVENING)
    lift_hold(hold=hold, reason=f"{NAME} has settled", by=admin, now=EVENING)
    restrict(member_id=who.pk, reason=f"{NAME} asked for it", by=admin, now=EVENING)
    lift_restriction(member_id=who.pk, reason=f"{NAME} took it back", by=admin, now=EVENING)
    ContactEvent.objects.create(member=who, occurred_at=YEAR_AGO, purpose="marketing", channel=Channel.SMS)
    open_request(
        member_id=who.pk,
        kind=RequestKind.DELETE,
        source=RequestSource.EMAIL,
        wish=f"{NAME}, {PHONE}: please delete {WRITTEN}",
        by=None,
        now=EVENING,
    )


def _leaked(who: Member) -> None:
    """She was in a file that somebody took out, and that got lost."""
    admin = User.objects.get(username="admin")
    export = request_export(kind="members", layout="csv", parameters={}, reason="letter", by=admin, now=EVENING)
    run_export(export_id=export.pk, now=EVENING)
    values = {"title": "lost file", "categories": "-", "cause": "-", "harm": "-", "found_at": EVENING}
    window = {"happened_from": EVENING - timedelta(hours=1), "happened_to": EVENING}
    incident = open_incident(values={**values, **window}, by=admin, now=EVENING)
    assert list_affected(incident=incident, actor=None, by=admin, now=EVENING) == Member.objects.count()
    assert who.pk in IncidentMember.objects.values_list("member_id", flat=True)


def _beside(who: Member, files: Path) -> None:
    """The places that are easily forgotten."""
    admin = User.objects.get(username="admin")
    MinorAccess.objects.create(member=who, asked_by=admin, reason=f"{NAME} asked for a call", asked_at=EVENING)
    SavedView.objects.create(name="her", owner=admin, filters={"q": [PHONE], "city": ["1"]})
    SavedView.objects.create(name="only her", owner=admin, filters={"q": [NAME]})
    LogEntry.objects.create(
        user=admin,
        content_type=ContentType.objects.get_for_model(Member),
        object_id=str(who.pk),
        object_repr=NAME,
        action_flag=2,
    )
    once(
        actor="key:1",
        key="k",
        fingerprint=b"f",
        now=EVENING,
        work=lambda: StoredAnswer(201, f"{NAME} {PHONE} {WRITTEN}".encode()),
    )
    (files / "imports").mkdir(parents=True)
    hers = f"手机号,{','.join(WRITTEN)}\n{PHONE},{','.join(WRITTEN.values())}\n"
    for number, text in enumerate((hers, "手机号\n13900139000\n")):
        path = files / "imports" / f"{number}.csv"
        path.write_text(text, encoding="gb18030")
        job = ImportJob.objects.create(
            kind="members",
            layout="csv",
            state=ImportState.DONE,
            path=str(path),
            stored=True,
            file_name="members.csv",
            file_size=1,
            timezone="UTC",
            source="crm",
            created_at=EVENING,
            finished_at=EVENING,
        )
    ImportReject.objects.create(job=job, line=3, reason="bad_phone", value=mask_phone(PHONE))
    app.send_task("compliance.erase", queue="default", kwargs={})


def dumped() -> str:
    """The whole database as `pg_dump` writes it, the broker's messages included."""
    owner = {**roles.parameters("owner"), "NAME": connection.settings_dict["NAME"]}
    command = [binaries.find() / "pg_dump", "--data-only", "--dbname", conninfo(owner)]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def sought(who: Member) -> dict[str, str]:
    lookups = {f"lookup of {row.type}": row.lookup for row in Identity.objects.filter(member=who)}
    return {
        **{str(kind): value for kind, value in KNOWN.items()},
        **lookups,
        **WRITTEN,
        "name": NAME,
        "sort key": who.name_key,
        "order": ORDER,
        "coupon": COUPON,
        "masked phone": mask_phone(PHONE),
        "masked e-mail": mask_email(EMAIL),
    }


def hits(needles: dict[str, str], text: str) -> set[str]:
    return {name for name, needle in needles.items() if needle and needle in text}


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_erase_drill(she: Member, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    needles = sought(she)
    suppressed = {f"lookup of {kind}" for kind in (IdentityType.PHONE, IdentityType.EMAIL)}
    before = hits(needles, dumped())
    assert needles.keys() - before <= {"masked e-mail"}, "the drill would prove nothing"
    places = {each.path.place: each.rows for part in plan(she.pk) for each in part.paths}
    empty = {place for place, rows in places.items() if not rows}
    assert empty <= {
        "members_member.merged_into_id",
        "members_memberhistory.merged_into_id",
        "intake_staged_members.member_id",
        "timeline_rebuild.member_id",
        "timeline_interactionday.member_id",
        "compliance_gateverdict.member_id",
        "compliance_erasure.member_id",
        "compliance_erasurestep.subject_id",
    }, "no row of hers stood there to be erased"

    seal_rows(now=EVENING)
    done = erase(member_id=she.pk, why=ErasureReason.REQUEST, by=None, now=EVENING)
    assert done.state == ErasureState.DONE
    vacuum_erased(now=EVENING)

    assert hits(needles, dumped()) == suppressed, "blind indexes stay on the suppression list alone: she had refused"
    left = {
        path.relative_to(tmp_path / "files").parts[0]: hits(needles, path.read_bytes().decode("gb18030", "ignore"))
        for path in (tmp_path / "files").rglob("*")
        if path.is_file()
    }
    assert [path.name for path in (tmp_path / "files" / "imports").iterdir()] == ["1.csv"], (
        "hers is gone, not the other"
    )
    assert left == {"imports": set(), "exports": set()}, "a file that was taken out is sealed until its day is over"
    assert hits(needles, caplog.text) == set()
    seal_rows(now=EVENING)
    deliver_seals(now=EVENING)
    sealed = verify(now=EVENING)
    assert sealed.ok, sealed.first_bad
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(amount), min(order_no) ~ '^erased-' FROM timeline_purchase")
        assert cursor.fetchone() == (1, Decimal("20.00"), True)
    assert PurchaseDay.objects.get().orders == 1
    again = create_member(by=None, now=EVENING, identities=[{"type": IdentityType.PHONE, "value": PHONE}])
    assert may_contact(again.pk, purpose="marketing", channel=Channel.SMS, at=EVENING).reason == "suppressed"
    assert all(str(each.path.why) for part in plan(again.pk) for each in part.paths if each.path.ending == Ending.KEEP)
