"""T12: no page of the admin shows or changes a member of another store, or a protected value in clear.

Generated over the registry of the admin and over every address below /admin/. Gates: the victim's sentinel in an
answer, a row of hers changed, a phone number in clear. Canaries prove that each gate fires.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, models
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import InAppNotice, Region, Store, User
from accounts.services import create_api_key, send_notice
from members.admin import panels
from members.admin.extension import member_acts, member_parts
from members.admin.member_page import later_panels
from members.models import Identity, Member, SavedView
from members.services import add_identity
from segments.models import MemberStanding, MemberTag, Tag, TagGroup, TierChange
from tests import api
from tests.brand import _run
from timeline.models import Purchase

# Where hundreds of pages are asked each request has its own transaction: one over all would hold back whoever waits for it.
pytestmark = [pytest.mark.django_db]

QUERY, MARK = "SENTINEL7F3A", "ZQX9"
SENTINEL = QUERY + MARK  # a page may repeat what was searched for, never the rest
PHONE = "13911112222"
HELD = ("manager", "regional", "guide")
MASKED = ("marketer", "analyst", "auditor")
HANDFUL = 20
# Registered tables that hold nothing of a member or of a store, each with the reason.
NOT_SCOPED = {
    "members.city": "cities, the same for everybody",
    "timeline.product": "what is sold, the same for everybody",
    "audit.auditentry": "for those who audit, who see everything; values are masked",
    "accounts.user": "for those who see everybody",
    "accounts.apikey": "for administrators and auditors",
    "wecom.corp": "corps of WeCom, for administrators and auditors",
    "wecom.corpapp": "their apps, secrets never shown",
    "wecom.callbackevent": "what came when; the content is shown to nobody",
    "wecom.callbackrefusal": "counts",
    "intake.importjob": "for those who see everybody",
    "scrm.backuprun": "backups and drills: counts, nobody in particular",
    "django_celery_beat.periodictask": "periodic tasks",
    "django_celery_beat.intervalschedule": "periodic tasks",
    "django_celery_beat.crontabschedule": "periodic tasks",
}


@dataclass
class Case:
    victim: Member
    own: Member
    theirs: Store
    ours: Store
    things: dict[str, models.Model]

    @property
    def numbers(self) -> list[int]:
        return sorted({int(thing.pk) for thing in self.things.values()})


@pytest.fixture
def case() -> Case:
    far, near = (
        Region.objects.create(code=code, name=name) for code, name in (("far", f"{SENTINEL}区"), ("near", "近"))
    )
    theirs = Store.objects.create(pk=7001, region=far, code="theirs", name=f"{SENTINEL}店")
    ours = Store.objects.create(region=near, code="ours", name="我们店")
    guide = User.objects.create(pk=7002, username=f"{SENTINEL}guide", display_name=f"{SENTINEL}导购", role=Role.GUIDE)
    guide.stores.add(theirs)
    victim = Member.objects.create(
        pk=7003, name=f"{SENTINEL}林", home_store=theirs, guide=guide, registered_at=timezone.now()
    )
    add_identity(member=victim, type="external_id", value=f"{SENTINEL}card", by=None, now=timezone.now())
    add_identity(member=victim, type="phone", value=PHONE, by=None, now=timezone.now())
    assert api.client().post("/api/v1/purchases/", api.order(victim, f"{SENTINEL}order")).status_code == 201
    run = _run()
    sums = [0] * len(run.definitions["slots"])
    MemberStanding.objects.create(member=victim, tier="silent", tier_since=run.as_of, known_at=run.as_of, sums=sums)
    TierChange.objects.create(member=victim, at=run.as_of, to_tier="silent", run=run, sums=sums, known_at=run.as_of)
    tag = Tag.objects.create(group=TagGroup.objects.create(name="组"), name="标签")
    MemberTag.objects.create(tag=tag, member=victim, source="manual")
    SavedView.objects.create(owner=guide, name=f"{SENTINEL}视图", filters={})
    send_notice(to=[guide], key="n", title=f"{SENTINEL}通知", now=timezone.now())
    program = api.program()
    key, _secret = create_api_key(
        user=program, name=f"{SENTINEL}密钥", scopes=["members:read"], by=None, now=timezone.now()
    )
    found: list[models.Model] = [
        victim, theirs, far, guide, key, tag,
        Purchase.objects.get(member=victim), InAppNotice.objects.get(recipient=guide), SavedView.objects.get(owner=guide),
    ]  # fmt: skip
    return Case(victim, api.member("ours", home_store=ours), theirs, ours, {_label(thing): thing for thing in found})


def _label(thing: models.Model) -> str:
    return thing._meta.label_lower


def person(role: str, case: Case) -> User:
    kind = {"manager": Role.STORE_MANAGER, "regional": Role.STORE_MANAGER}.get(role) or Role(role)
    made = User.objects.create(username=f"the-{role}", role=kind, is_staff=True)
    if role == "regional":
        made.region = case.ours.region
        made.save()
    elif role in HELD:
        made.stores.add(case.ours)
    if role == "guide":
        Member.objects.filter(pk=case.own.pk).update(guide=made)
    return made


def browser(role: str, case: Case) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person(role, case))
    return client


def patterns(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address below /admin/, its parts as {name}."""
    for pattern in (resolver or get_resolver()).url_patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, text)
        elif isinstance(pattern, URLPattern) and text.startswith("/admin/") and "logout" not in text:
            yield text


def filled(case: Case) -> Iterator[str]:
    """Each address with the number of every thing of the victim's; those of a member with every code there is."""
    codes = [*(entry.code for entry in (*member_acts, *member_parts)), *later_panels()]
    for text in patterns():
        if "(?P" in text or ".*" in text:
            continue
        numbered = [text.replace(part, "{number}") for part in re.findall(r"<(?:int|path|str):\w+>", text)[:1]] or [
            text
        ]
        for address in numbered:
            numbers = _numbers(address, case) if "{number}" in address else [0]
            said = codes if "/members/member/" in address else codes[:1]
            for number, code in itertools.product(numbers, said if "<slug:" in address else [""]):
                yield re.sub(r"<slug:\w+>", code, address.replace("{number}", str(number)))


def _numbers(address: str, case: Case) -> list[int]:
    """Of a table's own pages the victim's row in it; of any other page everything of hers."""
    for model in admin.site._registry:
        label = model._meta.label_lower
        if address.startswith(f"/admin/{label.replace('.', '/')}/"):
            return [int(case.things.get(label, case.victim).pk)]
    return case.numbers


def attempts(case: Case) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, address, data) of everything that is tried."""
    empty = dict.fromkeys(("gender", "birthday", "city", "registered_at_0", "registered_at_1", "channel", "guide"), "")
    form = {**empty, "name": "stolen", "home_store": case.ours.pk}
    yield "get", reverse("admin:index"), {}
    for address in dict.fromkeys(filled(case)):
        yield "get", address, {}
        yield "post", address, {**form, "selected": [case.victim.pk], "member": [case.victim.pk]}
    for model, model_admin in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield "get", reverse(f"{base}_changelist"), {"q": QUERY}
        for field in model_admin.autocomplete_fields:
            names = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
            yield "get", reverse("admin:autocomplete"), {**names, "term": QUERY}
        thing = case.things.get(model._meta.label_lower)
        for act in ("delete_selected", *(getattr(act, "__name__", act) for act in model_admin.actions or ())):
            chosen = {"action": act, "_selected_action": [thing.pk if thing else 1], "post": "yes"}
            yield "post", reverse(f"{base}_changelist"), chosen
    members = reverse("admin:members_member_changelist")
    for search in (SENTINEL, QUERY, f"{SENTINEL}card", PHONE):
        yield "search", members, {"q": search}
    for query in ({"store": case.theirs.code}, {"guide": f"{SENTINEL}guide"}, {"tag": "1"}):
        yield "get", members, query
    for act in member_acts:
        yield "post", reverse("admin:members_member_act", args=(act.code,)), {"selected": [case.victim.pk]}


def rows_of(case: Case) -> str:
    """Everything that is known of the victim and of her store, as one text."""
    found = [str(Member.objects.filter(pk=case.victim.pk).values_list().get())]
    with connection.cursor() as cursor:
        for model in (Purchase, MemberTag, Identity):
            cursor.execute(
                f"SELECT string_agg(t::text, '|' ORDER BY t::text) FROM {model._meta.db_table} t WHERE member_id = %s",
                [case.victim.pk],
            )
            found.append(str(cursor.fetchone()[0]))
    found += [str(list(kind.objects.filter(pk=pk).values_list())) for kind, pk in _kept(case)]
    return "\n".join(found)


def _kept(case: Case) -> list[tuple[Any, Any]]:
    return [(type(thing), thing.pk) for name, thing in case.things.items() if name != "accounts.user"]


def ask(client: Client, attempt: tuple[str, str, dict[str, Any]]) -> HttpResponse:
    method, address, data = attempt
    if method == "search":  # posted and redirected, so that no address holds it
        sent = client.post(address, data)
        return client.get(sent["Location"]) if sent.status_code == 302 else sent
    answer: HttpResponse = getattr(client, method)(address, data)
    return answer


def text_of(answer: HttpResponse) -> str:
    content = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content  # type: ignore[attr-defined]
    return content.decode(errors="replace") + str(answer.headers.get("Location", ""))


def leaks(client: Client, case: Case, *, only: str = "") -> list[str]:
    """Attempts after which a gate fires; what changed something is one of a handful, since reading all rows takes long."""
    tried = [attempt for attempt in attempts(case) if not only or attempt[1].startswith(only)]
    found, before = [], rows_of(case)
    for place in range(0, len(tried), HANDFUL):
        handful = tried[place : place + HANDFUL]
        for attempt in handful:
            found += gates(ask(client, attempt), attempt, case)
        if (now := rows_of(case)) != before:
            found.append(f"mutation: one of {handful}")
            before = now
    return found


def gates(answer: HttpResponse, attempt: tuple[str, str, dict[str, Any]], case: Case) -> list[str]:
    said = text_of(answer)
    for given in attempt[2].values():
        said = said.replace(str(given), "") if MARK in str(given) else said
    fires = {
        "sentinel": MARK in said,
        "name": case.victim.name in said,
        "plain": PHONE in said and attempt[2].get("q") != PHONE,
        "fault": answer.status_code >= 500,
    }
    return [f"{gate}: {attempt} ({answer.status_code})" for gate, fired in fires.items() if fired]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", HELD)
def test_no_page_reaches_a_member_of_another_store(case: Case, role: str) -> None:
    found = leaks(browser(role, case), case)
    assert found == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", MASKED)
def test_no_page_shows_a_phone_in_clear(case: Case, role: str) -> None:
    found = leaks(browser(role, case), case)
    assert [fault for fault in found if fault.startswith(("plain", "fault"))] == []
    assert any(f"/members/member/{case.victim.pk}/change/" in fault for fault in found)  # she is seen, and masked
    if role != "marketer":  # names are for those who work with members
        assert [fault for fault in found if fault.startswith("name")] == []


def test_every_registered_table_is_tried_with_a_row_of_hers_or_has_a_reason(case: Case) -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered - set(case.things) <= set(NOT_SCOPED)
    assert set(NOT_SCOPED) <= registered


def test_every_address_is_tried(case: Case) -> None:
    tried = {re.sub(r"\d+", "0", address) for _method, address, _data in attempts(case)}
    shapes = {re.sub(r"\d+", "0", address) for address in filled(case)}
    assert shapes <= tried
    assert len(shapes) > 60
    assert f"/admin/members/member/{case.victim.pk}/change/" in set(filled(case))


def test_canary_without_scope_is_caught(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `visible_to` that forgets its user lets everything through, and the gates fire."""
    client = browser("manager", case)
    monkeypatch.setattr(type(Member.objects.all()), "visible_to", lambda queryset, user: queryset)
    monkeypatch.setattr("members.models.Member.objects.visible_to", lambda user: Member.objects.all())
    found = leaks(client, case, only="/admin/members/member/")
    assert {fault.partition(":")[0] for fault in found} >= {"sentinel", "mutation"}


def test_canary_without_masks_is_caught(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser("marketer", case)
    monkeypatch.setattr(panels, "MASKS", dict.fromkeys(panels.MASKS, lambda text: text))
    found = leaks(client, case, only=f"/admin/members/member/{case.victim.pk}/")
    assert "plain" in {fault.partition(":")[0] for fault in found}


def test_canary_without_masked_names_is_caught(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser("auditor", case)
    monkeypatch.setattr("members.models.member.mask_name", lambda name: name)
    found = leaks(client, case, only=f"/admin/members/member/{case.victim.pk}/")
    assert "name" in {fault.partition(":")[0] for fault in found}


def test_filters_offer_stores_and_guides_of_ones_own(case: Case) -> None:
    page = browser("manager", case).get(reverse("admin:members_member_changelist")).content.decode()
    assert "我们店" in page
    assert MARK not in page
