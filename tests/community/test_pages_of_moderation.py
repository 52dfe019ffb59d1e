"""The pages of moderation, titles and value plans, as those see them who may."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from community.models import Appeal, Group, GroupType, Title, ValuePlan, Violation, ViolationRule
from community.services.appealing import file_appeal
from community.services.deciding import decide
from community.services.reporting import report_violation
from community.services.value_plans import Promised, add_promise
from content.models import ContentType, Slot
from tests.brand import administrator, signed_in
from tests.community import cast
from tests.community.cast import Line, group, participant, say, staff
from timeline.services import make_months

pytestmark = pytest.mark.django_db
QUEUE = "/admin/moderation/"


def by_machine() -> Violation:
    """One that the machine has decided now."""
    now = timezone.now()
    make_months(today=timezone.localdate(now))
    one = group()
    say(Line(participant(one, joined_at=now - timedelta(days=9)), "诚招代理，日赚三百", now - cast.HOUR), now=now)
    return Violation.objects.get(group=one)


def waiting(of: Group | None = None, *, name: str = "小雨", **more: Any) -> Violation:
    now = timezone.now()
    somebody = participant(of or group(), name, joined_at=now - timedelta(days=9))
    text = more.pop("text", "在群里吵架")
    return report_violation(participant=somebody, text=text, occurred_at=now - cast.HOUR, by=None, now=now, **more)


@pytest.fixture
def admin() -> User:
    return administrator()


@pytest.fixture
def client(admin: User) -> Any:
    return signed_in(admin)


def test_queue_shows_what_waits_with_the_words_and_the_share(client: Any) -> None:
    waiting(text="请加我详聊", sensitive=True)
    by_machine()
    page = client.get(QUEUE).content.decode()
    assert "请加我详聊" in page
    assert "诚招代理" not in page
    assert "100.0%" in page
    machine = client.get(f"{QUEUE}?tab=machine").content.decode()
    assert "诚招代理" in machine


@pytest.mark.parametrize("tab", ["waiting", "appeals", "machine", "people", "offenders", "nonsense"])
def test_every_tab_is_shown_empty_and_narrowed(client: Any, tab: str) -> None:
    for more in ("", "&kind=ad&group=1", "&kind=x&group=x&page=999", "&group=99999999999999999999"):
        assert client.get(f"{QUEUE}?tab={tab}{more}").status_code == 200


def test_number_of_queries_does_not_grow_with_the_queue(client: Any, django_assert_num_queries: Any) -> None:
    waiting()
    with django_assert_num_queries(100, exact=False) as first:
        client.get(QUEUE)
    for place in range(6):
        waiting(name=f"友{place}")
    with django_assert_num_queries(len(first), exact=False):
        client.get(QUEUE)


def test_one_key_decides_and_comes_back_to_the_same_queue(client: Any, admin: User) -> None:
    row = waiting()
    address = reverse("community:decide_violation", args=(row.pk,))
    answer = client.post(address, {"outcome": "warned", "back": "queue", "kind": "report", "page": "1"})
    assert (answer.status_code, answer.url) == (302, f"{QUEUE}?kind=report&group=&page=1".replace("group=&", ""))
    row.refresh_from_db()
    assert (row.outcome, row.first_by) == ("warned", admin)
    again = client.post(address, {"outcome": "muted"})
    assert again.status_code == 409
    assert client.get(address).status_code == 405


def test_removal_needs_a_reason_and_nothing_is_lost(client: Any) -> None:
    row = waiting()
    address = reverse("community:decide_violation", args=(row.pk,))
    assert client.post(address, {"outcome": "removed"}).status_code == 400
    answer = client.post(address, {"outcome": "nonsense", "note": "写了一半"})
    assert (answer.status_code, "写了一半" in answer.content.decode()) == (400, True)
    row.refresh_from_db()
    assert row.state == "open"
    assert client.post(address, {"outcome": "removed", "note": "屡次"}).status_code == 302


def test_next_one_follows_and_the_rest_of_hers_is_decided_too(client: Any) -> None:
    first, second = waiting(), waiting(name="小晴")
    more = report_violation(
        participant=first.participant, text="又来", occurred_at=timezone.now(), by=None, now=timezone.now()
    )
    answer = client.post(reverse("community:decide_violation", args=(first.pk,)), {"outcome": "warned", "rest": "1"})
    assert answer.url == reverse("community:violation", args=(second.pk,))
    more.refresh_from_db()
    assert more.outcome == "warned"
    answer = client.post(reverse("community:decide_violation", args=(second.pk,)), {"outcome": "dismissed"})
    assert answer.url == QUEUE


def test_page_of_a_violation_in_each_of_its_states(client: Any, admin: User) -> None:
    row = waiting()
    address = reverse("community:violation", args=(row.pk,))
    assert "在群里吵架" in client.get(address).content.decode()
    decide(violation=row, outcome="muted", by=admin, now=timezone.now(), note="冷静一下")
    page = client.get(address).content.decode()
    assert "冷静一下" in page
    assert client.post(reverse("community:file_appeal", args=(row.pk,)), {"text": "我没有"}).status_code == 302
    page = client.get(address).content.decode()
    assert "我没有" in page
    assert "answer" not in client.get(address).context["errors"]
    assert client.get(address).context["can_answer"] is False
    other = signed_in(administrator("other"))
    answer = reverse("community:answer_appeal", args=(row.pk,))
    assert client.post(answer, {"outcome": "dismissed", "note": "算了"}).status_code == 403
    assert other.post(answer, {"outcome": "dismissed", "note": ""}).status_code == 400
    assert other.post(answer, {"outcome": "dismissed", "note": "确是误会"}).status_code == 302
    assert Appeal.objects.get().outcome == "changed"
    Violation.objects.update(excerpt=None, expires_at=None)
    assert other.get(address).status_code == 200


def test_machine_is_corrected_on_the_page(client: Any) -> None:
    row = by_machine()
    address = reverse("community:correct_violation", args=(row.pk,))
    assert client.get(reverse("community:violation", args=(row.pk,))).context["can_correct"] is True
    assert client.post(address, {"outcome": "dismissed", "note": ""}).status_code == 400
    assert client.post(address, {"outcome": "dismissed", "note": "玩笑"}).status_code == 302
    assert client.post(reverse("community:file_appeal", args=(row.pk,)), {"text": "x"}).status_code == 400


def test_violation_of_a_group_elsewhere_is_not_there() -> None:
    row = waiting()
    guide = signed_in(staff("guide"))
    assert guide.get(reverse("community:violation", args=(row.pk,))).status_code == 404
    assert guide.post(reverse("community:decide_violation", args=(row.pk,)), {"outcome": "warned"}).status_code == 404
    assert guide.get(QUEUE).status_code == 200
    row.refresh_from_db()
    assert row.state == "open"


def test_names_are_masked_for_who_works_with_no_person() -> None:
    waiting(name="欧阳小雨")
    page = signed_in(staff("analyst")).get(QUEUE).content.decode()
    assert "欧阳小雨" not in page


def test_offenders_and_appeals_have_their_tabs(client: Any, admin: User) -> None:
    one = group()
    somebody = participant(one, "常客", joined_at=timezone.now() - timedelta(days=9))
    for _number in range(3):
        row = report_violation(participant=somebody, text="又", occurred_at=timezone.now(), by=None, now=timezone.now())
        decide(violation=row, outcome="warned", by=admin, now=timezone.now())
    file_appeal(violation=row, text="不服", by=None, now=timezone.now())
    assert "常客" in client.get(f"{QUEUE}?tab=offenders").content.decode()
    assert "常客" in client.get(f"{QUEUE}?tab=appeals").content.decode()


RULES = "/admin/moderation/rules/"


@pytest.mark.parametrize("kind", ["lexicon", "ad", "link", "flood", "duplicate", "poaching"])
def test_rule_of_each_kind_is_shown_changed_and_refused_with_what_was_typed(client: Any, kind: str) -> None:
    rule = ViolationRule.objects.filter(kind=kind).earliest("pk")
    address = f"{RULES}{rule.pk}/"
    typed = client.get(address).context["typed"]
    told = {
        name: "\n".join(value) if isinstance(value, list) and name not in {"severities", "packs"} else value
        for name, value in typed["parameters"].items()
    }
    body = {name: str(typed[name]) for name in ("name_zh", "name_en", "speakers", "automatic", "automatic_most")}
    body |= {name: "1" for name in ("sensitive", "is_active") if typed[name]}
    body |= {name: value for name, value in told.items() if value is not False}
    assert client.post(address, {**body, "name_zh": "改名"}).status_code == 400
    refused = client.post(address, {**body, "name_zh": "改名", "automatic_most": "很多", "reason": "试"})
    assert (refused.status_code, "很多" in refused.content.decode()) == (400, True)
    assert client.post(address, {**body, "name_zh": "改名", "reason": "试"}).status_code == 302
    changed = ViolationRule.objects.get(pk=rule.pk)
    assert (changed.name_zh, changed.parameters) == ("改名", rule.parameters)
    assert client.get(f"{RULES}new/{kind}/").status_code == 200


def test_rules_are_listed_and_unknown_kinds_are_not_there(client: Any) -> None:
    assert "私加引流" in client.get(RULES).content.decode()
    assert client.get(f"{RULES}new/report/").status_code == 404
    assert client.get(f"{RULES}999999/").status_code == 404


def test_settings_are_typed_in_per_cent(client: Any) -> None:
    address = reverse("community:moderation_settings")
    typed = client.get(address).context["typed"]
    assert (typed["share_low"], typed["share_high"]) == ("85", "90")
    for wrong in ({"share_low": "x"}, {"excerpt_days": "-1"}, {"share_high": "1e999"}, {"mute_hours": ""}):
        assert client.post(address, {**typed, **wrong, "reason": "试"}).status_code == 400
    assert client.post(address, {**typed, "share_low": "82.5", "reason": "试"}).status_code == 302


def test_titles_are_shown_and_changed(client: Any) -> None:
    assert "话题达人" in client.get("/admin/titles/").content.decode()
    title = Title.objects.get(name_zh="话题达人")
    address = reverse("community:title", args=(title.pk,))
    typed = {name: str(value) for name, value in client.get(address).context["typed"].items() if value is not False}
    typed["is_active"] = "1"
    assert client.post(address, typed).status_code == 400
    wrong = client.post(address, {**typed, "messages": "很多", "reason": "试"})
    assert (wrong.status_code, "很多" in wrong.content.decode()) == (400, True)
    assert client.post(address, {**typed, "messages": "80", "reason": "试"}).status_code == 302
    assert Title.objects.get(pk=title.pk).messages == 80
    new = reverse("community:title_new", args=(GroupType.objects.earliest("pk").pk,))
    assert client.get(new).status_code == 200
    assert client.post(new, {**typed, "reason": "新"}).status_code == 302


def promise(of: Group) -> ValuePlan:
    given = Promised(
        weekday=(timezone.localdate().weekday() + 1) % 7,
        time=time(20),
        type=ContentType.objects.get(code="article"),
        title="护肤课堂",
        begins_on=timezone.localdate(),
    )
    return add_promise(group=of, promised=given, by=None, now=timezone.now())


def test_value_plan_is_made_on_its_page(client: Any) -> None:
    one = group()
    address = reverse("community:value_plan", args=(one.pk,))
    assert client.get(address).status_code == 200
    body = {"title": "护肤课堂", "weekday": "2", "time": "20:00", "begins_on": timezone.localdate().isoformat()}
    body["type"] = str(ContentType.objects.get(code="article").pk)
    new = reverse("community:promise_new", args=(one.pk,))
    for wrong in ({"weekday": "9"}, {"time": "25:99"}, {"type": "x"}, {"begins_on": "0001-01-01"}, {"title": ""}):
        refused = client.post(new, {**body, **wrong})
        assert refused.status_code == 400
    assert client.post(new, body).status_code == 302
    plan = ValuePlan.objects.get()
    page = client.get(f"{address}?weeks=3")
    assert len(page.context["gaps"]) == 3
    made = client.post(reverse("community:make_slots", args=(one.pk,)), {"weeks": "3"})
    assert (made.status_code, Slot.objects.count()) == (302, 3)
    assert client.post(reverse("community:make_slots", args=(one.pk,)), {"weeks": "3"}).status_code == 409
    end = reverse("community:promise_end", args=(plan.pk,))
    assert [client.post(end).status_code for _twice in range(2)] == [302, 302]
    for weeks in ("0", "99", "x", "9" * 40):
        assert client.get(f"{address}?weeks={weeks}").status_code == 200


def test_value_plan_of_a_group_elsewhere_is_not_there() -> None:
    plan = promise(group())
    guide = signed_in(staff("guide"))
    for name, number in (("promise_new", plan.group_id), ("promise_end", plan.pk)):
        assert guide.post(reverse(f"community:{name}", args=(number,))).status_code == 404
    assert guide.get(reverse("community:value_plan", args=(plan.group_id,))).status_code == 404


def test_slots_are_made_by_who_may_plan_content() -> None:
    guide = staff("guide")
    plan = promise(group(owner=guide))
    answer = signed_in(guide).post(reverse("community:make_slots", args=(plan.group_id,)), {"weeks": "1"})
    assert (answer.status_code, Slot.objects.count()) == (403, 0)


def test_page_of_the_group_says_what_it_gets_and_what_was_found(client: Any) -> None:
    one = group()
    promise(one)
    waiting(one)
    page = client.get(reverse("community:group", args=(one.pk,))).content.decode()
    assert "护肤课堂" in page
    assert f"{QUEUE}?group={one.pk}" in page
