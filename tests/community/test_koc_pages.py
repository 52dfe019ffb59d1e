"""Pages of KOC: who may open them, what they say, and that nothing typed is lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Reach, Role
from accounts.models import User
from community.admin.koc import waiting
from community.enums.koc import KocState
from community.models import Koc, KocAgreement, KocScore, KocSettings, LevelRule, ParticipantDay, ScoreWeights
from community.pages.koc_panels import KocPanel, koc_panels
from community.services.koc_effects import measure
from community.services.koc_scoring import score_everybody
from compliance.services.status import restrict
from core.registries import permissions_of
from members.models import Member
from tests.assessments import assess
from tests.brand import signed_in
from tests.community import koc_cast as cast
from tests.scrm.acts_of_koc import LEVELS, WEIGHTS
from tests.scrm.pages_of_koc import active, invited, proposed

pytestmark = pytest.mark.django_db


def staff(role: str) -> User:
    return User.objects.create_user(f"the-{role}", role=role, is_staff=True, display_name="林可")


@pytest.fixture
def marketer() -> Client:
    return signed_in(staff(Role.MARKETER), "en")


def url(name: str, *args: Any) -> str:
    return reverse(f"community:{name}", args=args)


def a_member(name: str = "林晓") -> Member:
    return Member.objects.create(name=name, registered_at=timezone.now() - timedelta(days=400))


def talkative(member: Member, now: datetime) -> None:
    who = cast.joined(cast.group(), member)
    ParticipantDay.objects.create(
        participant=who, group_id=who.group_id, day=(now - timedelta(days=3)).date(), messages=400, mentioned=200
    )


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.API_CLIENT])
def test_pages_open_by_the_grants_alone(role: str) -> None:
    koc = active(a_member())
    somebody = staff(role)
    client = signed_in(somebody, "zh-hans")
    for name, permission, *args in (
        ("koc", "view_koc"),
        ("koc_effect", "view_effectrun"),
        ("koc_weights", "view_scoreweights"),
        ("koc_levels", "view_levelrule"),
    ):
        allowed = role == Role.ADMINISTRATOR or f"community.{permission}" in permissions_of(role)
        assert client.get(url(name, *args)).status_code == (200 if allowed else 403), name
    opens = role == Role.ADMINISTRATOR or "community.view_koc" in permissions_of(role)
    found = client.get(url("koc_page", koc.pk)).status_code
    assert found == (403 if not opens else 200 if somebody.reach == Reach.ALL else 404)


def test_candidates_are_listed_with_reasons_and_invited_together(
    marketer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    members = [a_member(f"会员{number}") for number in range(12)]
    for member in members:
        talkative(member, now)
    score_everybody(by=None, now=now)
    with django_assert_max_num_queries(40):
        page = marketer.get(url("koc")).content.decode()
    assert "Messages in groups 400" in page
    assert page.count('name="member"') == 12
    assert page.count(" checked") == 2
    answer = marketer.post(url("koc_invite"), {"member": [str(members[0].pk), str(members[1].pk), "x", "9" * 30]})
    assert answer.status_code == 302
    assert set(Koc.objects.values_list("member", "state")) == {(each.pk, KocState.INVITED) for each in members[:2]}
    assert "answer until" in marketer.get(url("koc") + "?show=invited").content.decode()


def test_invitations_without_an_answer_are_no_koc(marketer: Client) -> None:
    """Today keeps the need until somebody has accepted, and says what the invitations may bring."""
    now = timezone.now()
    members = [a_member(f"会员{number}") for number in range(12)]
    for member in members:
        talkative(member, now)
    score_everybody(by=None, now=now)
    user = User.objects.get(pk=marketer.session["_auth_user_id"])

    def today() -> list[tuple[str, str, str]]:
        with translation.override("en"):
            items = [item for item in waiting(user, now) if "missing" in str(item.title)]
        return [(item.state, str(item.title), str(item.detail)) for item in items]

    assert today() == [("watch", "2 KOC are missing", "0 of at least 2")]
    invited(members[0])
    said = "0 of at least 2; invited and not answered: 1, still to invite: 1"
    assert today() == [("watch", "2 KOC are missing", said)]
    invited(members[1])
    said = "0 of at least 2; invited and not answered: 2, enough if all accept"
    assert today() == [("busy", "2 KOC are missing", said)]
    page = marketer.get(url("koc")).content.decode()
    assert "the lower end is reached if all who are invited accept; room for" in page
    assert "the lower end is reached; room for" not in page
    for member in members[2:4]:
        active(member)
    assert today() == []
    assert "the lower end is reached; room for" in marketer.get(url("koc")).content.decode()


def test_nobody_chosen_is_said(marketer: Client) -> None:
    answer = marketer.post(url("koc_invite"), {}, follow=True)
    assert "Choose at least one member" in answer.content.decode()
    assert Koc.objects.count() == 0


def test_page_shows_the_split_and_its_facts(marketer: Client) -> None:
    now = timezone.now()
    member = a_member()
    talkative(member, now)
    koc = active(member)
    score_everybody(by=None, now=now)
    page = marketer.get(url("koc_page", koc.pk)).content.decode()
    row = KocScore.objects.get(pk=member.pk)
    assert str(row.total) in page
    assert "Times others answered or mentioned her" in page
    assert koc.referral_code in page
    assert "There is no earlier day to compare with yet." in page


def test_page_of_a_koc_whose_data_may_only_be_stored_shows_no_score(marketer: Client) -> None:
    member = a_member()
    talkative(member, timezone.now())
    koc = active(member)
    score_everybody(by=None, now=timezone.now())
    restrict(member_id=member.pk, reason="她要求", by=None, now=timezone.now())
    total = str(KocScore.objects.get(pk=member.pk).total)
    assert total not in marketer.get(url("koc_page", koc.pk)).content.decode()
    assert total not in marketer.get(url("koc") + "?show=active").content.decode()


def test_answer_is_recorded_on_the_page(marketer: Client) -> None:
    koc = invited(a_member())
    page = marketer.get(url("koc_page", koc.pk)).content.decode()
    assert "Record her yes" in page
    assert KocAgreement.objects.get(kind="programme").text[:20] in page
    assert marketer.post(url("koc_accept", koc.pk), {"version": "7"}, follow=True).status_code == 200
    koc.refresh_from_db()
    assert koc.state == KocState.INVITED
    marketer.post(url("koc_accept", koc.pk), {"version": "1"})
    koc.refresh_from_db()
    assert koc.state == KocState.ACTIVE


def test_a_step_without_a_reason_is_refused_with_a_sentence(marketer: Client) -> None:
    koc = active(a_member())
    page = marketer.post(url("koc_pause", koc.pk), {"reason": " "}, follow=True).content.decode()
    assert "Say why" in page
    koc.refresh_from_db()
    assert koc.state == KocState.ACTIVE


def test_a_guide_answers_for_her_own_members_only() -> None:
    guide = staff(Role.GUIDE)
    own, other = a_member(), a_member("别人")
    Member.objects.filter(pk=own.pk).update(guide=guide)
    hers, not_hers = invited(own), invited(other)
    client = signed_in(guide, "en")
    assert client.post(url("koc_decline", not_hers.pk)).status_code == 404
    client.post(url("koc_decline", hers.pk))
    hers.refresh_from_db()
    not_hers.refresh_from_db()
    assert (hers.state, not_hers.state) == (KocState.DECLINED, KocState.INVITED)
    assert "aim 10" not in client.get(url("koc")).content.decode()


def test_a_guide_may_not_end_a_koc() -> None:
    guide = staff(Role.GUIDE)
    member = a_member()
    Member.objects.filter(pk=member.pk).update(guide=guide)
    koc = active(member)
    page = signed_in(guide, "en").post(url("koc_demote", koc.pk), {"reason": "x"}, follow=True)
    assert "not allowed" in page.content.decode()
    koc.refresh_from_db()
    assert koc.state == KocState.ACTIVE


def test_proposal_is_decided_where_it_is_shown(marketer: Client) -> None:
    proposal = proposed(a_member())
    assert "Promote to" in marketer.get(url("koc") + "?show=proposals").content.decode()
    page = marketer.get(url("koc_page", proposal.koc_id)).content.decode()
    assert "Score 50.0, needed 45.0" in page
    marketer.post(url("koc_decide", proposal.pk), {"decision": "confirm"})
    proposal.koc.refresh_from_db()
    assert proposal.koc.level == "priority"


def test_weights_are_tried_before_they_are_saved(marketer: Client) -> None:
    now = timezone.now()
    talkative(a_member(), now)
    score_everybody(by=None, now=now)
    page = marketer.post(url("koc_weights"), {**WEIGHTS, "act": "preview"}).content.decode()
    assert "Who would move" in page
    assert ScoreWeights.objects.count() == 1
    assert marketer.post(url("koc_weights"), {**WEIGHTS, "act": "save"}).status_code == 302
    assert ScoreWeights.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (dict.fromkeys(("influence", "ugc", "purchases", "referrals", "consistency"), "0"), "sum to 0"),
        ({"ugc": "viel"}, "A number is expected here."),
        ({"ugc": "1.5"}, "A whole number is expected here."),
        ({"messages.half": "0"}, "more than 0"),
        ({"reason": ""}, "Say why"),
        ({"ugc": "1e400"}, "A number is expected here."),
    ],
)
def test_weights_at_fault_come_back_with_what_was_typed(marketer: Client, change: dict[str, str], said: str) -> None:
    answer = marketer.post(url("koc_weights"), {**WEIGHTS, "window_days": "77", **change, "act": "save"})
    page = answer.content.decode()
    assert 400 <= answer.status_code < 500
    assert said in page
    assert 'value="77"' in page
    assert ScoreWeights.objects.count() == 1


def test_levels_change_with_a_reason(marketer: Client) -> None:
    answer = marketer.post(url("koc_levels"), {**LEVELS, "reason": ""})
    assert (answer.status_code, "Say why" in answer.content.decode()) == (400, True)
    answer = marketer.post(url("koc_levels"), {**LEVELS, "effect_days": "3"})
    assert "Between 14 and 180 days" in answer.content.decode()
    assert marketer.post(url("koc_levels"), LEVELS).status_code == 302
    assert set(LevelRule.objects.values_list("keep_days", flat=True)) == {14}


def test_texts_are_published_by_legal_only(marketer: Client) -> None:
    body = {"text": "自愿参与，可随时退出。" * 10, "reason": "补充"}
    assert marketer.post(url("koc_text", "programme"), body).status_code == 403
    legal = signed_in(staff(Role.LEGAL), "en")
    refused = legal.post(url("koc_text", "programme"), {"text": "太短了", "reason": "x"})
    assert "太短了" in refused.content.decode()
    assert legal.post(url("koc_text", "programme"), body).status_code == 302
    assert legal.post(url("koc_text", "anything"), body).status_code == 404
    assert KocAgreement.objects.filter(kind="programme").count() == 2


def test_effect_says_what_is_not_observed(marketer: Client) -> None:
    assert "Not measured yet" in marketer.get(url("koc_effect")).content.decode()
    active(a_member())
    measure(by=None, now=timezone.now())
    page = marketer.get(url("koc_effect")).content.decode()
    assert page.count("Fewer than 8 could be compared") == len(("koc", "groups"))
    assert "How it is measured" in page


def test_effect_shows_figures_with_their_interval(marketer: Client) -> None:
    run = measure(by=None, now=timezone.now())
    run.figures.filter(treated="koc", outcome="spend").update(
        effect=60, low=20, high=100, before=100, after=180, control_before=100, control_after=120, reason=""
    )
    page = marketer.get(url("koc_effect")).content.decode()
    assert "+60" in page
    assert "+20 to +100" in page
    assert "more than without" in page
    assert "+50 %" in page


def test_other_parts_show_their_panels(marketer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    koc = active(a_member())
    entries = dict(koc_panels._entries)
    monkeypatch.setattr(koc_panels, "_entries", entries)
    hidden = KocPanel(code="hidden", template="x.html", load=lambda _request, _koc: None)
    barred = KocPanel(code="barred", template="x.html", load=lambda _request, _koc: {}, permission="community.nothing")
    koc_panels.register_all((hidden, barred))
    assert marketer.get(url("koc_page", koc.pk)).status_code == 200


def test_member_page_shows_her_score(marketer: Client) -> None:
    now = timezone.now()
    member = a_member()
    talkative(member, now)
    koc = active(member)
    score_everybody(by=None, now=now)
    part = reverse("admin:members_member_part", args=(member.pk, "koc"))
    page = marketer.get(part).content.decode()
    assert str(koc.referral_code) in page
    assert str(KocScore.objects.get(pk=member.pk).total) in page
    assert marketer.get(reverse("admin:members_member_part", args=(a_member().pk, "koc"))).content.strip() == b""


@pytest.mark.parametrize(
    ("language", "said"), [("en", "wait for an impact assessment"), ("zh-hans", "正在等待影响评估")]
)
def test_list_says_that_scores_wait_for_an_assessment(language: str, said: str) -> None:
    client = signed_in(staff(Role.MARKETER), language)
    assert said in client.get(url("koc")).content.decode()
    refused = client.post(url("koc_score"), follow=True)
    assert refused.status_code == 200
    assert KocSettings.objects.get().score_asked_at is None
    assess("koc_scoring")
    page = client.get(url("koc")).content.decode()
    assert said not in page
    assert url("koc_score") in page
    client.post(url("koc_score"))
    assert KocSettings.objects.get().score_asked_at is not None
