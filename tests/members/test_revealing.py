"""Values in full: with a reason, not too often, on the record; a minor's only with a second person."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit.models import AuditEntry
from compliance.errors.registers import AssessmentMissing
from core.errors import TooManyRequests, ValidationFailed
from members.enums import IdentityType
from members.models import Identity, Member, MinorAccess
from members.services import add_identity, create_member
from members.services.revealing import ApprovalNeeded, OwnQuestion, decide, is_minor, reveal
from tests.assessments import assess
from tests.brand import administrator, signed_in

PHONE = "13800138000"
REASON = "She asked us to call back"


def someone(**values: object) -> Identity:
    member = create_member(
        by=None, now=timezone.now(), identities=[{"type": IdentityType.PHONE, "value": PHONE}], **values
    )
    return Identity.objects.select_related("member").get(member=member)


@pytest.mark.django_db
def test_a_value_is_shown_with_a_reason_and_recorded_without_the_value() -> None:
    identity, by = someone(), administrator()
    assert reveal(identity=identity, reason=REASON, by=by, now=timezone.now()) == PHONE
    row = AuditEntry.objects.get(action="members.reveal_identity")
    assert (row.actor_id, row.object_id, row.reason, row.changes) == (
        by.pk,
        str(identity.member_id),
        REASON,
        {"type": [None, "phone"]},
    )


@pytest.mark.django_db
def test_numbers_of_wechat_are_masked_on_the_page_and_revealed_like_a_phone() -> None:
    member = someone(name="王小明").member
    for kind, value in (("unionid", "oYF-union-7781"), ("external_id", "C-10017")):
        add_identity(member=member, type=kind, value=value, by=None, now=timezone.now())
    browser, page = signed_in(administrator()), f"/admin/members/member/{member.pk}/change/"
    shown = browser.get(page).content.decode()
    assert ("***7781" in shown, "C-10017" in shown, "oYF-union-7781" in shown) == (True, True, False)
    reveal_page = f"/admin/members/member/{member.pk}/part/reveal/"
    assert "oYF-union-7781" not in browser.get(reveal_page).content.decode()
    unionid = Identity.objects.get(type="unionid")
    said = browser.post(reveal_page, {"identity": unionid.pk, "reason": REASON}).content.decode()
    assert "oYF-union-7781" in said
    assert AuditEntry.objects.get(action="members.reveal_identity").changes == {"type": [None, "unionid"]}


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "   ", "ok"])
def test_without_a_reason_nothing_is_shown(reason: str) -> None:
    identity = someone()
    with pytest.raises(ValidationFailed):
        reveal(identity=identity, reason=reason, by=administrator(), now=timezone.now())
    assert not AuditEntry.objects.filter(action="members.reveal_identity").exists()


@pytest.mark.django_db
def test_the_fifty_first_within_an_hour_is_refused() -> None:
    identity, by = someone(), administrator()
    for _each in range(50):
        reveal(identity=identity, reason=REASON, by=by, now=timezone.now())
    with pytest.raises(TooManyRequests):
        reveal(identity=identity, reason=REASON, by=by, now=timezone.now())
    assert AuditEntry.objects.filter(action="members.reveal_identity").count() == 50


@pytest.mark.parametrize(
    ("birthday", "minor"),
    [(None, False), (date(2008, 11, 22), False), (date(2008, 11, 23), True), (date(2020, 1, 1), True)],
)
def test_a_minor_is_under_eighteen_on_that_day(birthday: date | None, minor: bool) -> None:
    assert is_minor(birthday, today=date(2026, 11, 22)) is minor


@pytest.mark.django_db
def test_a_minor_needs_a_second_person_for_a_day() -> None:
    now = timezone.now()
    identity = someone(birthday=(now - timedelta(days=3000)).date())
    asking, deciding = administrator("one"), administrator("two")
    for _each in range(2):
        with pytest.raises(ApprovalNeeded):
            reveal(identity=identity, reason=REASON, by=asking, now=now)
    access = MinorAccess.objects.get()
    with pytest.raises(OwnQuestion):
        decide(access=access, granted=True, by=asking, now=now)
    with pytest.raises(AssessmentMissing):
        decide(access=access, granted=True, by=deciding, now=now)
    assess("minors", now=now)
    assert decide(access=access, granted=True, by=deciding, now=now)
    assert not decide(access=access, granted=False, by=deciding, now=now)
    assert reveal(identity=identity, reason=REASON, by=asking, now=now) == PHONE
    with pytest.raises(ApprovalNeeded):
        reveal(identity=identity, reason=REASON, by=asking, now=now + timedelta(hours=25))
    with pytest.raises(ApprovalNeeded):
        reveal(identity=identity, reason=REASON, by=deciding, now=now)


@pytest.mark.django_db
def test_the_page_shows_one_value_for_a_reason_and_keeps_no_copy() -> None:
    identity, client = someone(name="王小明"), signed_in(administrator())
    url = f"/admin/members/member/{identity.member_id}/part/reveal/"
    masked = client.get(url)
    assert PHONE not in masked.content.decode()
    shown = client.post(url, {"identity": identity.pk, "reason": REASON})
    assert PHONE in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert PHONE not in client.post(url, {"identity": identity.pk, "reason": ""}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["", "x", "９", "9" * 5000])
def test_what_is_no_number_of_an_identity_is_not_there(number: str) -> None:
    url = f"/admin/members/member/{someone().member_id}/part/reveal/"
    client = signed_in(administrator())
    assert client.post(url, {"identity": number, "reason": REASON}).status_code == 404
    assert client.post(url, {"access": number or "x", "granted": "1"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR])
def test_roles_that_see_masked_values_only_do_not_reach_the_page(role: str) -> None:
    identity = someone()
    client = signed_in(User.objects.create_user("somebody", role=role, is_staff=True))
    assert client.get(f"/admin/members/member/{identity.member_id}/part/reveal/").status_code == 403


@pytest.mark.django_db
def test_a_guide_reveals_her_own_members_only() -> None:
    guide = User.objects.create_user("guide", role=Role.GUIDE, is_staff=True)
    own, other = someone(guide=guide), Member.objects.create(name="other")
    client = signed_in(guide)
    assert client.get(f"/admin/members/member/{own.member_id}/part/reveal/").status_code == 200
    assert client.get(f"/admin/members/member/{other.pk}/part/reveal/").status_code == 404
