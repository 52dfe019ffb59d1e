"""Every page of the admin: its queries do not grow with its rows, it opens in both languages, it asks who is there."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django_celery_beat.models import PeriodicTask

from accounts.enums import Role
from accounts.models import ApiKey, InAppNotice, User
from audit.models import AuditEntry
from compliance.models import Review
from content.models import CadenceRule, ContentType, FestivalTemplate, Material, Slot
from core.registries import menu
from intake.models import ImportJob
from scrm.unfold import GROUPS
from segments.models import Audience
from tests.brand import PASSWORD, add_another, administrator, found_brand, signed_in
from timeline.models import Purchase
from wecom.models import CorpApp

pytestmark = pytest.mark.django_db

LISTS = [
    "admin:members_member_changelist",
    "admin:members_city_changelist",
    "admin:accounts_user_changelist",
    "admin:accounts_store_changelist",
    "admin:accounts_region_changelist",
    "admin:accounts_apikey_changelist",
    "admin:accounts_inappnotice_changelist",
    "admin:audit_auditentry_changelist",
    "admin:timeline_purchase_changelist",
    "admin:timeline_product_changelist",
    "admin:intake_importjob_changelist",
    "admin:wecom_corp_changelist",
    "admin:wecom_corpapp_changelist",
    "admin:wecom_callbackevent_changelist",
    "admin:wecom_callbackrefusal_changelist",
    "admin:intake_new",
    "admin:accounts_key_new",
    "accounts:exports",
    "accounts:locks",
    "accounts:second_factor_own",
    "admin:django_celery_beat_periodictask_changelist",
    "segments:audiences",
    "segments:audience_add",
    "compliance:lexicon",
    "compliance:lexicon_add",
    "compliance:lexicon_versions",
    "compliance:lexicon_diff",
    "compliance:lexicon_import",
    "compliance:reviews",
    "compliance:wording_add",
    "content:calendar",
    "content:materials",
    "content:material_add",
    "content:slot_add",
    "content:plans",
    "content:template_add",
    "content:series",
    "content:rules",
    "content:cadence_add",
    "content:reports",
]


def pages_of_things() -> dict[str, str]:
    """The page of one of each."""
    return {
        "member": reverse("admin:members_member_change", args=(Purchase.objects.earliest("pk").member_id,)),
        "edit": reverse("admin:members_member_edit", args=(Purchase.objects.earliest("pk").member_id,)),
        "purchase": reverse("admin:timeline_purchase_change", args=(Purchase.objects.earliest("pk").pk,)),
        "import": reverse("admin:intake_importjob_change", args=(ImportJob.objects.earliest("pk").pk,)),
        "app of wecom": reverse("admin:wecom_corpapp_change", args=(CorpApp.objects.earliest("pk").pk,)),
        "staff": reverse("admin:accounts_user_change", args=(User.objects.filter(role=Role.GUIDE).earliest("pk").pk,)),
        "audience": reverse("segments:audience", args=(Audience.objects.earliest("pk").pk,)),
        "entry": reverse("admin:audit_auditentry_change", args=(AuditEntry.objects.earliest("pk").pk,)),
        "review": reverse("compliance:review", args=(Review.objects.earliest("pk").pk,)),
        "wording": reverse("compliance:wording", args=(Review.objects.earliest("pk").pk,)),
        "slot": reverse("content:slot", args=(Slot.objects.earliest("pk").pk,)),
        "slot form": reverse("content:slot_edit", args=(Slot.objects.earliest("pk").pk,)),
        "material": reverse("content:material", args=(Material.objects.earliest("pk").pk,)),
        "gap": reverse("content:gap", args=(CadenceRule.objects.earliest("pk").pk,)),
        "plan": reverse("content:plan", args=(FestivalTemplate.objects.earliest("pk").pk,)),
        "festival template": reverse("content:template", args=(FestivalTemplate.objects.earliest("pk").pk,)),
        "type of content": reverse("content:type", args=(ContentType.objects.earliest("pk").pk,)),
        "task": reverse("admin:django_celery_beat_periodictask_change", args=(PeriodicTask.objects.earliest("pk").pk,)),
    }


def queries_of(client: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(page)
    assert response.status_code == 200, page
    return len(captured)


def counted(client: Client) -> dict[str, int]:
    pages = {name: reverse(name) for name in LISTS} | pages_of_things()
    for page in pages.values():
        client.get(page)
    return {name: queries_of(client, page) for name, page in pages.items()}


def test_queries_do_not_grow_with_the_rows() -> None:
    admin = administrator()
    client = signed_in(admin)
    found_brand(1)
    with_one = counted(client)
    for number in (2, 3):
        add_another(number)
    with_three = counted(client)
    assert with_three == with_one
    assert max(with_three.values()) <= 22, with_three  # the member page: one or two for each of its panels


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_menu_entry_opens(language: str) -> None:
    found_brand(1)
    client = signed_in(User.objects.get(username="admin"), language)
    assert {entry.group for entry in menu} <= set(GROUPS)
    for entry in menu:
        assert client.get(reverse(entry.url_name)).status_code == 200, entry.code


def test_the_menu_shows_what_the_role_may_use() -> None:
    found_brand(1)
    page = signed_in(User.objects.get(username="guide1")).get(reverse("admin:members_member_changelist"))
    titles = [str(item["title"]) for group in page.context["sidebar_navigation"] for item in group["items"]]
    with translation.override("zh-hans"):
        assert "会员列表" in titles
        assert "员工与角色" not in titles
        assert "接口密钥" not in titles


def test_the_first_page_is_the_first_of_the_menu(client: Client) -> None:
    response = signed_in(administrator()).get("/admin/")
    assert response.status_code == 302
    assert response["Location"] != "/admin/"


def test_programs_cannot_sign_in() -> None:
    program = User.objects.create_user("program", password=PASSWORD, role=Role.API_CLIENT, is_staff=False)
    assert signed_in(program).get("/admin/").status_code == 302


@pytest.mark.parametrize("page", LISTS)
def test_a_stranger_is_sent_to_the_sign_in(client: Client, page: str) -> None:
    response = client.get(reverse(page))
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    "page", ["admin:accounts_user_changelist", "admin:accounts_apikey_changelist", "admin:audit_auditentry_changelist"]
)
def test_a_guide_is_refused_with_our_page(page: str) -> None:
    found_brand(1)
    response = signed_in(User.objects.get(username="guide1")).get(reverse(page))
    assert response.status_code == 403
    assert "您的角色不能打开这个页面" in response.content.decode()


def test_what_is_not_there_is_said_in_both_languages() -> None:
    admin = administrator()
    for language, text in (("zh-hans", "这里什么都没有"), ("en", "There is nothing here")):
        response = signed_in(admin, language).get("/admin/members/member/999999999/change/")
        assert response.status_code == 404
        assert text in response.content.decode()


def test_nothing_changes_by_following_a_link() -> None:
    found_brand(1)
    client = signed_in(User.objects.get(username="admin"))
    task, key = PeriodicTask.objects.earliest("pk"), ApiKey.objects.get()
    notice, job = InAppNotice.objects.get(), ImportJob.objects.get()
    addresses = [
        reverse("admin:scrm_task_switch", args=(task.pk,)),
        reverse("admin:accounts_key_revoke", args=(key.pk,)),
        reverse("admin:accounts_notice_open", args=(notice.pk,)),
        reverse("admin:accounts_notice_read_all"),
        reverse("admin:intake_configure", args=(job.pk,)),
        reverse("admin:intake_cancel", args=(job.pk,)),
        reverse("admin:members_view_add"),
        reverse("admin:members_member_act", args=("tag",)),
    ]
    assert [client.get(address).status_code for address in addresses] == [405] * len(addresses)


def test_a_task_is_switched_off_and_on_and_recorded() -> None:
    found_brand(1)
    client = signed_in(User.objects.get(username="admin"))
    task = PeriodicTask.objects.earliest("pk")
    for on, enabled in (("0", False), ("1", True)):
        assert client.post(reverse("admin:scrm_task_switch", args=(task.pk,)), {"on": on}).status_code == 302
        task.refresh_from_db()
        assert task.enabled is enabled
    assert AuditEntry.objects.filter(action="scrm.task_switched").count() == 2
