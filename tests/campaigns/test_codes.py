"""Codes of activities are one code however they are written: in the form, in the database, on an order."""

from dataclasses import replace
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaigns.errors import ActivityNotValid
from campaigns.models import ActivityCode, TrackedLink
from campaigns.models.activities import FOLDED_CODE
from campaigns.rules.codes import FOLDED, folded
from campaigns.services import links
from campaigns.services.activities import change_activity, plan_of
from campaigns.services.attribution import credit_asked, credit_everybody
from campaigns.services.links import allow_host, create_link
from tests.campaigns import activities as cast
from tests.campaigns.activities import HOUR, NOW, author
from tests.campaigns.test_attribution import buy
from timeline.services import make_months

migration = import_module("campaigns.migrations.0008_folded_codes")
WAYS = ("VIP11", "vip11", "ＶＩＰ１１", " Vip 11", "vip\u300011")  # as an input method writes them


@pytest.fixture
def _months() -> None:
    make_months(today=NOW.date())


@given(text=st.text(st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\x00"), max_size=20))
@example(text="ﬁﷺ ß İı éÉ ｶﾞ ㍿ 双１１")  # ligatures, capitals beyond A to Z, half width
@example(text="i\u0307 e \u0301 a\u00a8")  # a mark that meets another letter than before
@settings(max_examples=300, deadline=None)
@pytest.mark.django_db
def test_plain_rule_and_database_fold_alike(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {FOLDED.format('%s::text')}", [text])  # the text is ours
        assert cursor.fetchone() == (folded(text),)
    assert folded(folded(text)) == folded(text)


@pytest.mark.django_db
@pytest.mark.usefixtures("_months")
@pytest.mark.parametrize("typed", WAYS)
def test_order_is_credited_however_the_code_was_typed(typed: str) -> None:
    """Whether it comes before the code or after it."""
    her, other = cast.people(2)
    activity = cast.running(codes=(typed,))
    assert plan_of(activity).codes == ("VIP11",)
    for number, way in enumerate(WAYS):
        buy(her, f"A{number}", NOW + HOUR, code=way)
    buy(other, "B1", NOW + HOUR, code="VIP12")
    credit_everybody(by=None, now=NOW + 2 * HOUR)
    assert cast.credited() == [(f"A{number}", activity.pk, "code", 100) for number in range(len(WAYS))]


@pytest.mark.django_db
@pytest.mark.usefixtures("_months")
def test_code_that_joins_late_and_a_link_take_orders_however_they_were_typed() -> None:
    (her,) = cast.people(1)
    activity, linked = cast.running(), cast.running()
    allow_host(host="shop.example.com", by=author(), now=NOW)
    target = "https://shop.example.com/a"
    made = create_link(name="海报", target=target, activity=linked, by=author(), now=NOW)
    TrackedLink.objects.filter(pk=made.pk).update(code="abc2def")
    buy(her, "A1", NOW + HOUR, code="ｌａｔｅ")
    buy(her, "A2", NOW + HOUR, code=" ABC2DEF")
    plan = replace(plan_of(activity), codes=("Late",))
    change_activity(activity=activity, plan=plan, by=author(), now=NOW + 2 * HOUR)
    assert credit_asked() == 2
    assert cast.credited() == [("A1", activity.pk, "code", 100), ("A2", linked.pk, "code", 100)]


@pytest.mark.django_db
def test_code_is_one_activitys_however_it_is_typed() -> None:
    first = cast.draft(codes=("Vip 11", "vip11"))
    assert list(first.codes.values_list("code", flat=True)) == ["VIP11"]
    with pytest.raises(ActivityNotValid) as refused:
        cast.draft(codes=("ＶＩＰ１１",))
    assert list(refused.value.fields) == ["codes"]
    allow_host(host="shop.example.com", by=author(), now=NOW)
    link = create_link(name="海报", target="https://shop.example.com/a", by=author(), now=NOW)
    for typed in (link.code.upper(), full_width(link.code), f" {link.code[:3]} {link.code[3:]}"):
        with pytest.raises(ActivityNotValid) as refused:
            cast.draft(codes=(typed,))
        assert link.code.upper() in str(refused.value.fields["codes"])
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityCode.objects.create(code="vip12", activity=first)


def full_width(code: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in code)


@pytest.mark.django_db
def test_code_is_one_links_however_it_is_typed() -> None:
    allow_host(host="shop.example.com", by=author(), now=NOW)
    first, second = (
        create_link(name="海报", target="https://shop.example.com/a", by=author(), now=NOW) for _turn in range(2)
    )
    for code in (first.code.upper(), full_width(first.code)):
        with pytest.raises(IntegrityError, match="campaigns_link_code_folded"), transaction.atomic():
            TrackedLink.objects.filter(pk=second.pk).update(code=code)


@pytest.mark.django_db
def test_new_link_takes_neither_the_code_of_an_activity_nor_that_of_another_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allow_host(host="shop.example.com", by=author(), now=NOW)
    cast.draft(codes=("abc2def",))
    codes = iter(("abc2def", "xyz2345", "abc2def", "xyz2345", "xyz2346"))
    monkeypatch.setattr(links, "new_code", lambda: next(codes))
    made = [create_link(name="海报", target="https://shop.example.com/a", by=author(), now=NOW).code for _turn in "ab"]
    assert made == ["xyz2345", "xyz2346"]


@pytest.mark.django_db
def test_link_is_looked_up_by_the_index_of_its_folded_code() -> None:
    wanted = TrackedLink.objects.annotate(folded=FOLDED_CODE).filter(folded__in=("ABC2DEF", "VIP11"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "campaigns_link_code_folded" in wanted.explain()


@pytest.mark.django_db
def test_codes_that_were_kept_as_typed_are_folded_and_the_first_activity_keeps_its_own() -> None:
    cast.people(1)
    first, second = cast.running(), cast.draft()
    kept = [(first.pk, "Vip 11"), (first.pk, "vip11"), (second.pk, "VIP11"), (second.pk, "d11")]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE campaigns_activitycode (activity_id bigint, code varchar(64)) ON COMMIT DROP")
        cursor.executemany("INSERT INTO campaigns_activitycode VALUES (%s, %s)", kept)
        for statement in migration.FOLD:
            cursor.execute(statement)
        cursor.execute("SELECT activity_id, code FROM campaigns_activitycode ORDER BY 1")
        assert cursor.fetchall() == [(first.pk, "VIP11"), (second.pk, "D11")]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.credit_asked_at is None, second.credit_asked_at) == (False, None)


def test_fold_of_the_migration_is_the_rules() -> None:
    assert migration.FOLDED == FOLDED
