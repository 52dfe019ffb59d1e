"""A small brand for the tests of pages: staff, stores, members with facts, tiers and tags, in the number asked for."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Region, Store, User
from accounts.services import create_api_key, send_notice
from compliance.services.wordings import save_wording
from content.models import ContentType
from content.services.materials import Body, create_material
from content.services.slots import create_slot
from intake.enums import ImportState
from intake.models import ImportJob
from members.enums import IdentityType
from members.models import City, Member, SavedView
from members.services import create_member
from scrm.models import BackupRun
from scrm.services import sync_schedules
from segments.models import Audience, MemberStanding, MemberTag, Tag, TagGroup, TierChange, TierRun
from segments.rules.definitions import to_json
from segments.rules.slots import slots_of
from segments.selectors.definitions import current_definitions
from timeline.enums import InteractionKind
from timeline.services import InteractionIn, PurchaseLineIn, record_interactions, record_purchases
from wecom.models import CallbackEvent
from wecom.services.corps import create_app, create_corp
from wecom.services.receiving import count_refusal

PASSWORD = "a-password-of-the-tests"
TIERS = ("high_value", "silent", "new", "potential", "low_value", "regular")
PHONE = "13912345678"


def administrator(name: str = "admin") -> User:
    return User.objects.create_superuser(name, password=PASSWORD, role=Role.ADMINISTRATOR, display_name="沈岚")


def signed_in(user: User, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def found_brand(rows: int) -> list[Member]:
    """So many of everything that a page lists."""
    admin = User.objects.filter(role=Role.ADMINISTRATOR).first() or administrator()
    region = Region.objects.create(code="east", name="华东")
    run = _run()
    members = [_member(number, region, run) for number in range(1, rows + 1)]
    _facts(members)
    for number in range(rows):
        _beside(number, admin, region)
    sync_schedules()
    now = timezone.now()
    BackupRun.objects.create(act=BackupRun.Act.DRILL, started_at=now, finished_at=now, ok=True)
    return members


def _run() -> TierRun:
    definitions = current_definitions()
    slots = [list(slot) for slot in slots_of(definitions)]
    return TierRun.objects.create(
        as_of=timezone.now() - timedelta(minutes=30),
        kind="full",
        horizon=0,
        ceiling=0,
        definitions={**to_json(definitions), "slots": slots},
        cutoffs={},
        members=1,
        moved=0,
        by_tier={},
        started_at=timezone.now(),
        seconds=1.0,
    )


def _member(number: int, region: Region, run: TierRun) -> Member:
    now = timezone.now()
    store = Store.objects.create(region=region, code=f"store-{number}", name=f"门店{number}")
    guide = User.objects.create_user(f"guide{number}", password=PASSWORD, role=Role.GUIDE, display_name=f"导购{number}")
    guide.is_staff = True
    guide.save()
    guide.stores.add(store)
    member = create_member(
        by=None,
        now=now,
        identities=[
            {"type": IdentityType.EXTERNAL_ID, "value": f"C{number:04}"},
            {"type": IdentityType.PHONE, "value": str(int(PHONE) + number - 1)},
        ],
        name=f"林晓{number}",
        city=City.objects.get(name="杭州"),
        home_store=store,
        guide=guide,
        registered_at=now - timedelta(days=400 + number),
    )
    tier = TIERS[(number - 1) % len(TIERS)]
    sums = [0] * len(run.definitions["slots"])
    standing: dict[str, Any] = {
        "tier": tier,
        "tier_since": now - timedelta(days=40),
        "sums": sums,
        "r": 5,
        "f": 4,
        "m": 3,
    }
    MemberStanding.objects.create(
        member=member,
        frequency=2,
        monetary=Decimal(number * 1000),
        known_at=member.registered_at,
        last_order_at=now,
        **standing,
    )
    for days, code in ((90, "regular"), (40, tier)):
        TierChange.objects.create(
            member=member,
            at=now - timedelta(days=days),
            to_tier=code,
            run=run,
            sums=sums,
            known_at=member.registered_at,
        )
    return member


def _facts(members: list[Member]) -> None:
    now = timezone.now()
    for place, member in enumerate(members):
        lines = [
            PurchaseLineIn(
                line_no=number,
                member_id=member.pk,
                source="pos",
                order_no=f"A{place}-{number}",
                line_at=now - timedelta(days=20 * number),
                product_code=f"P{number}",
                product_name=f"修护精华{number}",
                quantity=Decimal(1),
                unit_price=Decimal(329),
            )
            for number in range(1, 4)
        ]
        record_purchases(rows=lines, now=now)
        acts = [
            InteractionIn(
                line_no=number,
                member_id=member.pk,
                source="app",
                kind=InteractionKind.BROWSE,
                occurred_at=now - timedelta(days=number),
            )
            for number in range(1, 4)
        ]
        record_interactions(rows=acts, now=now)


def _connected(number: int, now: datetime) -> None:
    """A corp of WeCom with an app, a callback that was given up, and one that was refused."""
    corp = create_corp(corpid=f"ww{number}", name=f"企业{number}", by=None, now=now)
    keys = {"secret": "s", "callback_token": "t", "callback_aes_key": "a" * 43}
    app = create_app(corp=corp, kind="contacts", name=f"客户联系{number}", by=None, now=now, secrets=keys)
    CallbackEvent.objects.create(
        app=app,
        digest=bytes([number]) * 32,
        event="change_external_contact",
        lane=1,
        state="dead",
        received_at=now,
        due_at=now,
        finished_at=now,
    )
    count_refusal(app_id=app.pk, reason="stale", now=now)


def _beside(number: int, admin: User, region: Region) -> None:
    """What is not about members: keys, notices, imports, views, tags."""
    now = timezone.now()
    program = User.objects.create_user(f"program{number}", role=Role.API_CLIENT, display_name=f"商城{number}")
    create_api_key(user=program, name=f"同步{number}", scopes=["members:read"], by=admin, now=now)
    send_notice(to=[admin], key=f"n{number}", title=f"第 {number} 条通知", now=now)
    ImportJob.objects.create(
        kind="purchases",
        layout="csv",
        state=ImportState.DONE,
        path="",
        file_name=f"{number}.csv",
        file_size=10,
        file_mark="",
        facts={"kind": "text", "size": 10},
        timezone="Asia/Shanghai",
        source="file",
        counts={"rows_read": 3, "lines_stored": 2, "already_stored": 0, "rejected": {"no_customer": 1}, "members": 1},
        by=admin,
        created_at=now,
        finished_at=now,
    )
    _connected(number, now)
    save_wording(title=f"文案{number}", text=f"周{number}见", by=admin, now=now)
    _plan(number, admin)
    SavedView.objects.create(owner=admin, name=f"视图{number}", filters={"tier": ["silent"]})
    Audience.objects.create(
        name=f"人群{number}", rule={"all": [{"filter": {"tier": ["silent"]}}]}, owner=admin, size=number
    )
    group, _new = TagGroup.objects.get_or_create(name="偏好")
    tag = Tag.objects.create(group=group, name=f"标签{number}")
    member = Member.objects.order_by("pk")[number]
    MemberTag.objects.create(tag=tag, member=member, source="manual")


def _plan(number: int, admin: User) -> None:
    """A material and its slot, on one day of this week or the next for each number."""
    now = timezone.now()
    body = Body(title=f"素材{number}", text=f"第{number}步")
    version = create_material(kind="text", body=body, by=admin, now=now)
    create_slot(
        type=ContentType.objects.earliest("pk"),
        title=f"攻略{number}",
        planned_at=now + timedelta(hours=2 * number + 2),
        owner=admin,
        version=version,
        by=admin,
        now=now,
    )


def add_another(number: int) -> Member:
    """One more of everything, after `found_brand`; `number` differs from those there."""
    region, admin = Region.objects.get(code="east"), User.objects.get(username="admin")
    member = _member(number, region, TierRun.objects.latest("pk"))
    _facts([member])
    _beside(number - 1, admin, region)
    return member
