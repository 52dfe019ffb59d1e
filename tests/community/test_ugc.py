"""UGC: used only with consent, within its rights, after review; taken out when either is over; gone with its author."""

from datetime import date
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.models import InAppNotice
from audit.models import AuditEntry
from community.enums.ugc import UgcState
from community.errors.ugc import NotAgreed, RightsOver, UgcNotValid, UgcStateWrong
from community.models import Delivery, Koc, ShareOrder, Ugc, UgcUse, WorkFile
from community.privacy.earnings import earnings_files, erase_earnings, export_earnings
from community.selectors.ugc import ending_soon, uses_of
from community.services.handing_in import Piece, accept_task, deliver
from community.services.ugc import change_rights, put_away, submit_ugc, sweep_rights, use_ugc
from community.services.work_files import place_of
from compliance.enums.consent import ConsentAction
from compliance.errors.content import SamePerson, WordsForbidden
from compliance.models import Approval, Review
from compliance.services.reviews import approve, send_back, submit
from compliance.services.status import lift_restriction, restrict
from content.errors import SlotNotSaved
from content.models import Material, MaterialVersion, Slot
from content.rules.links import is_on_public_platform
from content.services.files import place_of as place_in_library
from content.services.materials import archive_material
from content.services.slots import edit_slot, move_slot, publish_slot, schedule_slot, submit_slot
from members.models import Member
from tests.community import earnings as cast
from tests.community.earnings import DAY, NOW, later
from tests.content import people as content

pytestmark = pytest.mark.django_db
SOON = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def her() -> Member:
    return agreed()


def test_piece_passes_review_by_another_person_and_becomes_a_material(her: Member) -> None:
    piece = cast.approved(cast.piece(her))
    assert (piece.state, piece.consent_event is not None) == (UgcState.APPROVED, True)
    material = use_ugc(ugc=piece, by=cast.marketer(), now=NOW)
    version = material.versions.get()
    assert (version.title, version.text) == (f"UGC {piece.pk}", piece.text)
    labels = list(AuditEntry.objects.values_list("object_label", flat=True))
    assert labels.count(f"UGC {piece.pk}") > 4
    assert not [label for label in labels if piece.title in label]
    assert Review.objects.get(kind="material", object_id=version.pk).state == "scanned"


def test_author_of_the_submission_does_not_approve_it(her: Member) -> None:
    piece = submit_ugc(ugc=cast.piece(her), by=cast.marketer(), now=NOW)
    review = Review.objects.get(kind="ugc", object_id=piece.pk)
    with pytest.raises(SamePerson):
        approve(review=review, digest=review.digest, by=cast.marketer(), now=NOW)


def test_words_that_the_law_forbids_do_not_pass(her: Member) -> None:
    with pytest.raises(WordsForbidden):
        submit_ugc(ugc=cast.piece(her, text="全国第一，国家级精华。"), by=cast.marketer(), now=NOW)
    assert Ugc.objects.get().state == UgcState.OFFERED


def test_returned_piece_is_not_used(her: Member) -> None:
    piece = cast.approved(cast.piece(her))
    review = Review.objects.get(kind="ugc", object_id=piece.pk)
    send_back(review=review, reason="肖像模糊处理", by=cast.person("legal"), now=NOW)
    piece.refresh_from_db()
    assert piece.state == UgcState.RETURNED
    with pytest.raises(UgcStateWrong):
        use_ugc(ugc=piece, by=cast.marketer(), now=NOW)


def test_without_consent_nothing_is_submitted(her: Member) -> None:
    (other,) = cast.people(1)
    piece = cast.piece(other)
    with pytest.raises(NotAgreed):
        submit_ugc(ugc=piece, by=cast.marketer(), now=NOW)
    cast.agree(other, NOW)
    assert submit_ugc(ugc=piece, by=cast.marketer(), now=NOW).state == UgcState.IN_REVIEW


def test_piece_without_a_consent_event_is_not_approved_by_the_database(her: Member) -> None:
    piece = cast.piece(her)
    with pytest.raises(Exception, match="community_ugc_consent"):
        Ugc.objects.filter(pk=piece.pk).update(state="approved", consent_event=None)


def agreed() -> Member:
    (member,) = cast.people(1)
    cast.agree(member)
    return member


def planned(piece: Ugc, days: int = 2, *, shown_on: str = "own") -> Slot:
    """A slot of the calendar with a material made of it, approved and scheduled."""
    material = use_ugc(ugc=piece, by=cast.marketer(), now=NOW)
    return content.slot(given=material.versions.get(), now=NOW, at=NOW + days * DAY, shown_on=shown_on)


def test_withdrawn_consent_takes_it_out_and_says_where_it_was_used(her: Member) -> None:
    piece = cast.approved(cast.piece(her))
    slot = planned(piece)
    cast.agree(her, NOW, ConsentAction.WITHDRAW)
    with pytest.raises(NotAgreed):
        use_ugc(ugc=piece, by=cast.marketer(), now=NOW)
    assert [sweep_rights(now=later(1)) for _turn in range(2)] == [1, 0]
    piece.refresh_from_db()
    use = uses_of([piece])[piece.pk][0]
    assert (piece.state, piece.ended_at) == (UgcState.WITHDRAWN, later(1))
    assert (use.use.material.is_archived, use.use.taken_out_at, [each.pk for each in use.slots]) == (
        True,
        later(1),
        [slot.pk],
    )
    assert Review.objects.get(kind="ugc").state == "expired"
    assert slot.title in InAppNotice.objects.get(key__startswith=f"ugc-{piece.pk}-out").body


@pytest.mark.parametrize(
    ("scope", "refused"),
    [("private", ["", "public", "ads"]), ("public", ["", "ads"]), ("ads", [""])],
)
def test_slot_says_where_it_shows_a_piece_and_is_held_to_what_its_author_agreed_to(
    her: Member, scope: str, refused: list[str]
) -> None:
    piece = cast.approved(cast.piece(her, scope=scope))
    material = use_ugc(ugc=piece, by=cast.marketer(), now=NOW)
    for number, place in enumerate(["", "own", "public", "ads"]):
        values: dict[str, Any] = {"given": material.versions.get(), "now": NOW, "at": NOW + (number + 1) * DAY}
        if place not in refused:
            assert content.slot(**values, shown_on=place).shown_on == place
            continue
        with pytest.raises(SlotNotSaved) as fault:
            content.slot(**values, shown_on=place)
        assert list(fault.value.fields) == ["shown_on"]
    assert Slot.objects.count() == 4 - len(refused)


def test_private_piece_stands_on_a_named_account_of_the_brand(her: Member) -> None:
    slot = planned(cast.approved(cast.piece(her)))
    edited = edit_slot(slot=slot, values={"account": "品牌公众号"}, by=cast.marketer(), now=NOW)
    assert (edited.account, edited.shown_on) == ("品牌公众号", "own")


def test_private_piece_is_planned_for_no_public_account_and_no_day_past_its_rights(her: Member) -> None:
    slot = planned(cast.approved(cast.piece(her, until=SOON)))
    with pytest.raises(SlotNotSaved) as refused:
        edit_slot(slot=slot, values={"shown_on": "public"}, by=cast.marketer(), now=NOW)
    assert list(refused.value.fields) == ["shown_on"]
    with pytest.raises(SlotNotSaved) as refused:
        move_slot(slot=slot, planned_at=later(60), by=cast.marketer(), now=NOW)
    assert list(refused.value.fields) == ["version"]
    review = submit(review=Review.objects.get(kind="material", object_id=slot.version_id), by=cast.marketer(), now=NOW)
    approve(review=review, digest=review.digest, by=cast.person("legal"), now=NOW)
    Slot.objects.filter(pk=slot.pk).update(shown_on="public", state="approved")
    with pytest.raises(SlotNotSaved):
        schedule_slot(slot=slot, by=cast.marketer(), now=NOW)
    Slot.objects.filter(pk=slot.pk).update(state="scheduled")
    with pytest.raises(SlotNotSaved):
        publish_slot(slot=slot, link="https://example.com/1", by=cast.marketer(), now=slot.planned_at)
    Slot.objects.filter(pk=slot.pk).update(shown_on="own")
    with pytest.raises(SlotNotSaved) as refused:
        publish_slot(slot=slot, link="https://www.xiaohongshu.com/explore/1", by=cast.marketer(), now=slot.planned_at)
    assert list(refused.value.fields) == ["link"]
    done = publish_slot(slot=slot, link="https://example.com/1", by=cast.marketer(), now=slot.planned_at)
    assert done.state == "published"


def test_public_piece_may_stand_on_an_account_until_its_scope_narrows(her: Member) -> None:
    piece = cast.approved(cast.piece(her, scope="public"))
    slot = planned(piece, shown_on="public")
    change_rights(ugc=piece, scope="ads", until=None, by=cast.marketer(), now=NOW)
    assert UgcUse.objects.get().taken_out_at is None
    change_rights(ugc=piece, scope="private", until=None, by=cast.marketer(), now=NOW)
    slot.refresh_from_db()
    assert (UgcUse.objects.get().taken_out_at, slot.state) == (NOW, "draft")
    assert slot.title in InAppNotice.objects.get(key__startswith=f"ugc-{piece.pk}-out").body
    archive_material(material=UgcUse.objects.get().material, archived=False, by=cast.marketer(), now=NOW)
    with pytest.raises(SlotNotSaved):
        edit_slot(slot=slot, values={"title": "再来一次"}, by=cast.marketer(), now=NOW)


def in_public(slot: Slot) -> None:
    edit_slot(slot=slot, values={"shown_on": "public"}, by=cast.marketer(), now=NOW)


def test_wider_scope_counts_from_its_approval_on(her: Member) -> None:
    piece = cast.approved(cast.piece(her))
    slot = planned(piece)
    piece = change_rights(ugc=piece, scope="public", until=None, by=cast.marketer(), now=NOW)
    with pytest.raises(SlotNotSaved) as refused:
        in_public(slot)
    assert list(refused.value.fields) == ["shown_on"]
    cast.approved(piece)
    in_public(slot)
    assert UgcUse.objects.get().scope == "public"


def scheduled(piece: Ugc) -> Slot:
    slot = planned(piece)
    review = submit(review=Review.objects.get(kind="material", object_id=slot.version_id), by=cast.marketer(), now=NOW)
    approve(review=review, digest=review.digest, by=cast.person("legal"), now=NOW)
    slot = submit_slot(slot=slot, by=cast.marketer(), now=NOW)
    return schedule_slot(slot=slot, by=cast.marketer(), now=NOW)


def asked_to_take_down(slot: Slot) -> int:
    return InAppNotice.objects.filter(recipient=slot.owner, key__contains="-out-", body__contains=slot.title).count()


def test_nothing_is_planned_between_her_withdrawal_and_the_sweep(her: Member) -> None:
    slot = scheduled(cast.approved(cast.piece(her)))
    cast.agree(her, later(0.5), ConsentAction.WITHDRAW)
    with pytest.raises(SlotNotSaved) as refused:
        move_slot(slot=slot, planned_at=later(3), by=cast.marketer(), now=later(1))
    assert list(refused.value.fields) == ["version"]


@pytest.mark.parametrize("is_swept", [False, True])
def test_what_was_published_before_she_withdrew_is_recorded_and_asked_to_be_taken_down(
    her: Member, is_swept: bool
) -> None:
    """Published on Monday, she withdraws on Tuesday, on Wednesday it is confirmed."""
    piece = cast.approved(cast.piece(her))
    slot = scheduled(piece)
    when, withdrawn, now = slot.planned_at, slot.planned_at + DAY, slot.planned_at + 1.5 * DAY
    cast.agree(her, withdrawn, ConsentAction.WITHDRAW)
    if is_swept:
        sweep_rights(now=withdrawn)
        slot.refresh_from_db()
        assert slot.state == "draft"
    before = asked_to_take_down(slot)
    kept = publish_slot(slot=slot, link="https://example.com/1", published_at=when, by=cast.marketer(), now=now)
    assert (kept.state, kept.published_at, kept.link) == ("published", when, "https://example.com/1")
    assert asked_to_take_down(slot) == before + 1
    (use,) = uses_of([piece])[piece.pk]
    assert [each.link for each in use.slots] == ["https://example.com/1"]


def test_what_is_published_with_her_consent_is_asked_to_stay(her: Member) -> None:
    slot = scheduled(cast.approved(cast.piece(her)))
    publish_slot(slot=slot, link="https://example.com/1", by=cast.marketer(), now=slot.planned_at)
    assert asked_to_take_down(slot) == 0


def test_pieces_of_whom_may_only_be_stored_leave_use_until_that_is_lifted(her: Member) -> None:
    piece, other = cast.approved(cast.piece(her)), cast.approved(cast.piece(agreed()))
    slot = planned(piece)
    restrict(member_id=her.pk, reason="她要求", by=cast.marketer(), now=NOW)
    with pytest.raises(SlotNotSaved):
        edit_slot(slot=slot, values={"title": "再来一次"}, by=cast.marketer(), now=NOW)
    assert [sweep_rights(now=later(1)) for _turn in range(2)] == [1, 0]
    assert dict(Ugc.objects.values_list("pk", "state")) == {piece.pk: "ended", other.pk: "approved"}
    assert UgcUse.objects.get().taken_out_at == later(1)
    lift_restriction(member_id=her.pk, reason="已核实", by=cast.marketer(), now=later(2))
    piece = change_rights(ugc=piece, scope="private", until=None, by=cast.marketer(), now=later(2))
    assert cast.approved(piece, later(2)).state == UgcState.APPROVED


def test_consent_that_stands_keeps_it_in_use(her: Member) -> None:
    cast.approved(cast.piece(her))
    assert sweep_rights(now=later(1)) == 0


def test_consent_said_by_the_record_that_stayed_counts(her: Member) -> None:
    piece = cast.approved(cast.piece(her))
    (winner,) = cast.people(1)
    her.merged_into = winner
    her.save()
    assert sweep_rights(now=later(1)) == 0
    cast.agree(winner, later(0.5), ConsentAction.WITHDRAW)
    assert sweep_rights(now=later(1)) == 1
    piece.refresh_from_db()
    assert piece.state == UgcState.WITHDRAWN


def test_rights_that_are_over_end_its_use_and_can_be_agreed_anew(her: Member) -> None:
    piece = cast.approved(cast.piece(her, until=SOON))
    today = timezone.localdate(NOW)
    assert list(ending_soon(cast.marketer(), today=today, until=SOON)) == [piece]
    with pytest.raises(RightsOver):
        use_ugc(ugc=piece, by=cast.marketer(), now=later(12))
    assert sweep_rights(now=later(12)) == 1
    piece = change_rights(ugc=piece, scope="public", until=date(2027, 1, 1), by=cast.marketer(), now=later(12))
    assert (piece.state, piece.scope) == (UgcState.OFFERED, "public")


def test_another_scope_is_reviewed_anew_and_the_same_is_not(her: Member) -> None:
    piece = cast.approved(cast.piece(her))
    piece = change_rights(ugc=piece, scope="private", until=SOON, by=cast.marketer(), now=NOW)
    assert piece.state == UgcState.APPROVED
    piece = change_rights(ugc=piece, scope="ads", until=None, by=cast.marketer(), now=NOW)
    assert piece.state == UgcState.OFFERED


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", {"kind": "song"}),
        ("title", {"title": " "}),
        ("text", {"text": " "}),
        ("link", {"kind": "link", "link": ""}),
        ("link", {"link": "ftp://x"}),
        ("file", {"kind": "picture"}),
        ("scope", {"scope": "moon"}),
        ("until", {"until": date(2020, 1, 1)}),
    ],
)
def test_piece_that_cannot_be_is_refused_by_its_field(her: Member, field: str, values: dict[str, Any]) -> None:
    with pytest.raises(UgcNotValid) as refused:
        cast.piece(her, **values)
    assert list(refused.value.fields) == [field]


def test_same_key_of_the_same_source_is_the_same_piece(her: Member) -> None:
    assert cast.piece(her, source="api", source_key="7").pk == cast.piece(her, source="api", source_key="7").pk


def test_put_away_needs_a_reason(her: Member) -> None:
    piece = cast.piece(her)
    with pytest.raises(UgcNotValid):
        put_away(ugc=piece, reason=" ", by=cast.marketer(), now=NOW)
    assert put_away(ugc=piece, reason="重复", by=cast.marketer(), now=NOW).state == UgcState.ARCHIVED


def earning(her: Member) -> tuple[Koc, Delivery]:
    """She delivered a picture, made a piece that is planned, has a share, and bought with another's code."""
    cast.months()
    cast.rule()
    koc, other, (buyer,) = cast.koc(member=her), cast.koc(), cast.people(1)
    delivery = accept_task(task=cast.opened(), koc=koc, by=None, now=NOW)
    deliver(delivery=delivery, piece=Piece(text="我的感受", file=cast.picture()), by=None, now=NOW)
    cast.buy(buyer, "A1", code=koc.referral_code)
    cast.buy(her, "B1", code=other.referral_code)
    cast.book()
    return koc, delivery


def test_export_gives_her_everything(her: Member) -> None:
    earning(her)
    planned(cast.approved(cast.piece(her)))
    given = export_earnings(her.pk)
    assert given["tasks"][0]["text"] == "我的感受"
    assert given["made"][0]["used_in"] == [f"UGC {Ugc.objects.exclude(uses=None).get().pk}"]
    assert {row["where"]: row["amount"] for row in given["earned"]} == {"pending": "10.00", "cost": "-10.00"}
    assert [row["order"] for row in given["shared_orders"]] == ["B1"]
    assert [content for _name, content in earnings_files(her.pk)] == [cast.PNG]


def test_erased_author_leaves_sums_and_no_trace(her: Member, django_capture_on_commit_callbacks: Any) -> None:
    koc, delivery = earning(her)
    piece = cast.approved(cast.piece(her))
    planned(piece)
    file = place_of(WorkFile.objects.order_by("pk")[0])
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_earnings(her.pk) > 0
    assert erase_earnings(her.pk) == 0
    piece.refresh_from_db()
    delivery.refresh_from_db()
    assert (piece.member_id, piece.text, piece.title, piece.state) == (None, "", "", UgcState.WITHDRAWN)
    assert (delivery.text, delivery.file_id) == ("", None)
    assert UgcUse.objects.get().taken_out_at is not None
    assert not WorkFile.objects.exists()
    assert not file.exists()
    assert not ShareOrder.objects.filter(order_no="B1").exists()
    assert cast.books(koc) == {"pending": 10, "cost": -10}
    cast.check()


def test_what_an_erased_author_made_leaves_the_materials_and_the_reviews(
    her: Member, django_capture_on_commit_callbacks: Any
) -> None:
    picture = cast.approved(cast.piece(her, kind="picture", file=cast.picture()))
    other = cast.approved(cast.piece(agreed(), text="另一位作者的话。"))
    mine, others = planned(picture).version, planned(other, 3).version
    assert mine is not None
    assert others is not None
    kept = place_in_library(mine.file_digest)
    prints = {review.pk: review.digest for review in Review.objects.all()}
    assert kept.exists()

    with django_capture_on_commit_callbacks(execute=True):
        erase_earnings(her.pk)

    version = MaterialVersion.objects.get(pk=mine.pk)
    assert (version.title, version.text, version.file_name, version.digest) == (
        f"UGC {picture.pk}",
        "",
        "",
        mine.digest,
    )
    assert Material.objects.get(pk=version.material_id).title == f"UGC {picture.pk}"
    assert not kept.exists()
    of_hers = Review.objects.filter(kind="ugc", object_id=picture.pk) | Review.objects.filter(
        kind="material", object_id=mine.pk
    )
    assert [(review.title, review.parts) for review in of_hers] == [("", []), ("", [])]
    assert {(tuple(each.parts), tuple(each.hits)) for each in Approval.objects.filter(review__in=of_hers)} == {((), ())}
    assert {review.pk: review.digest for review in Review.objects.all()} == prints
    assert MaterialVersion.objects.get(pk=others.pk).text == "另一位作者的话。"
    assert all(each.parts for each in Approval.objects.exclude(review__in=of_hers))


def test_words_of_an_author_who_is_there_are_not_taken_out(her: Member) -> None:
    piece = cast.approved(cast.piece(her))
    planned(piece)
    with connection.cursor() as cursor:
        cursor.execute("SELECT community_forget_ugc(%s::bigint[])", [[piece.pk]])
    assert MaterialVersion.objects.get().text == piece.text
    with pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
        MaterialVersion.objects.update(text="")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("https://www.xiaohongshu.com/explore/1", True),
        ("https://DOUYIN.com./1", True),
        ("https://mp.weixin.qq.com/s/1", False),
        ("https://notdouyin.com/1", False),
        ("https://example.com/douyin.com", False),
    ],
)
def test_address_on_a_public_platform_is_known_by_its_host(address: str, public: bool) -> None:
    assert is_on_public_platform(address) is public
