"""The pages of the lexicon and of legal review: who may open what, what they show, what a POST does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from compliance.models import LexiconEntry, Proof, Review, Wording
from compliance.selectors.lexicon import latest_version
from compliance.services.proofs import add_proof
from compliance.services.reviewables import reviewables
from compliance.services.reviews import submit
from compliance.services.wordings import save_wording
from content.services.materials import Body, create_material
from tests.brand import signed_in

pytestmark = pytest.mark.django_db
READ = ["lexicon", "lexicon_versions", "lexicon_diff", "lexicon_export", "reviews"]
LEGAL_ONLY = ["lexicon_add", "lexicon_import"]


def staff(role: str, name: str = "") -> User:
    return User.objects.create_user(name or role, role=role, is_staff=True, display_name=f"员工{name or role}")


def client(role: str) -> Client:
    return signed_in(staff(role))


def waiting(text: str = "周三见。", name: str = "writer") -> Review:
    author = User.objects.filter(username=name).first() or staff(Role.MARKETER, name)
    return submit(
        review=save_wording(title="海报", text=text, by=author, now=timezone.now()), by=author, now=timezone.now()
    )


@pytest.mark.parametrize(
    ("role", "read", "legal", "write"),
    [
        (Role.LEGAL, 200, 200, 200),
        (Role.MARKETER, 200, 403, 200),
        (Role.AUDITOR, 200, 403, 403),
        (Role.GUIDE, 403, 403, 403),
    ],
)
def test_roles_open_what_is_theirs(role: str, read: int, legal: int, write: int) -> None:
    signed = client(role)
    assert {signed.get(reverse(f"compliance:{name}")).status_code for name in READ} == {read}
    assert {signed.get(reverse(f"compliance:{name}")).status_code for name in LEGAL_ONLY} == {legal}
    assert signed.get(reverse("compliance:wording_add")).status_code == write


def test_posts_are_refused_to_those_who_may_not() -> None:
    review, entry = waiting(), LexiconEntry.objects.current().earliest("pk")
    addresses = {
        Role.MARKETER: [
            reverse("compliance:lexicon_entry", args=(entry.pk,)),
            reverse("compliance:lexicon_retire", args=(entry.pk,)),
            reverse("compliance:lexicon_packs"),
            reverse("compliance:lexicon_import"),
            reverse("compliance:review_approve", args=(review.pk,)),
            reverse("compliance:review_return", args=(review.pk,)),
        ],
        Role.AUDITOR: [
            reverse("compliance:review_submit", args=(review.pk,)),
            reverse("compliance:review_proof", args=(review.pk,)),
            reverse("compliance:wording", args=(review.pk,)),
        ],
    }
    for role, found in addresses.items():
        signed = signed_in(staff(role))
        assert {signed.post(address).status_code for address in found} == {403}
    assert (latest_version().number, Review.objects.get().state) == (1, "in_review")


def test_a_text_that_was_only_checked_says_what_is_open() -> None:
    author = staff(Role.MARKETER, "writer")
    signed, now = signed_in(author), timezone.now()
    review = save_wording(title="海报", text="国家级实验室，全网最低价，全网最低价。", by=author, now=now)
    address, queue = reverse("compliance:review", args=(review.pk,)), reverse("compliance:reviews")
    for page in (address, queue):
        assert "2 处用语待处理" in signed.get(page).content.decode(), page
    save_wording(title="海报", text="全网最低价。", by=author, now=now, wording=Wording.objects.get())
    assert "1 处用语待处理" in signed.get(queue).content.decode()
    add_proof(review=review, key="全网最低价", text="比价记录", by=author, now=now)
    assert "用语均已附依据，未提交" in signed.get(queue).content.decode()
    save_wording(title="海报", text="周三见。", by=author, now=now, wording=Wording.objects.get())
    assert "未检出问题用语，未提交" in signed.get(queue).content.decode()
    assert "已检查" not in signed.get(queue).content.decode()


def test_the_queue_asks_as_much_for_many_texts_as_for_one() -> None:
    author = staff(Role.MARKETER, "writer")
    signed, taken = signed_in(author), []
    for _each in range(2):
        save_wording(title="海报", text="国家级，全网最低价。", by=author, now=timezone.now())
        signed.get(reverse("compliance:reviews"))
        with CaptureQueriesContext(connection) as captured:
            signed.get(reverse("compliance:reviews"))
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_people_and_parts_stand_in_words_on_the_review() -> None:
    author = staff(Role.MARKETER, "writer")
    made = create_material(kind="text", body=Body(title="护肤指南", text="三步。"), by=author, now=timezone.now())
    review = Review.objects.get(kind="material", object_id=made.pk)
    page = signed_in(author).get(reverse("compliance:review", args=(review.pk,))).content.decode()
    assert '<p class="s-muted">标题</p>' in page
    assert '<p class="s-muted">title</p>' not in page
    acts = page[page.index('id="log-title"') :]
    assert "员工writer" in acts
    assert ">writer" not in acts


def test_every_part_of_every_kind_has_a_name_in_words() -> None:
    shipped = {"material", "coupon", "draw", "activity", "ugc", "wording"}
    assert shipped <= {each.code for each in reviewables}
    assert [each.code for each in reviewables if each.code in shipped and not each.names] == []


def test_nothing_changes_on_get() -> None:
    review, signed = waiting(), client(Role.LEGAL)
    names = ("review_submit", "review_approve", "review_return", "review_proof")
    addresses = [reverse(f"compliance:{name}", args=(review.pk,)) for name in names]
    addresses += [reverse("compliance:lexicon_packs"), reverse("compliance:lexicon_try")]
    answers = [signed.get(address) for address in addresses]
    assert {(answer.status_code, answer["Allow"]) for answer in answers} == {(405, "POST")}
    # Whoever changes the language on the page of a refused form comes here.
    assert all("这个地址只接收表单" in answer.content.decode() for answer in answers)


def test_tried_text_is_marked_and_escaped() -> None:
    page = (
        client(Role.MARKETER)
        .post(reverse("compliance:lexicon_try"), {"text": "<b>国 家級</b>，最佳食用期"})
        .content.decode()
    )
    assert '<mark class="c-hit" data-state="act"' in page
    assert ">国 家級</mark>&lt;/b&gt;，最佳食用期</pre>" in page
    assert "<b>" not in page


def test_phrase_is_added_searched_changed_and_ended() -> None:
    signed = client(Role.LEGAL)
    new = {"phrase": "悦肤第一罐", "pack": "brand", "severity": "warn", "note": "约定", "reason": "品牌部"}
    assert signed.post(reverse("compliance:lexicon_add"), {**new, "reason": ""}).status_code == 422
    assert signed.post(reverse("compliance:lexicon_add"), new).status_code == 302
    listed = signed.get(reverse("compliance:lexicon"), {"q": "悦肤 第一罐"}).context["page"].object_list
    assert [entry.phrase for entry in listed] == ["悦肤第一罐"]
    address = reverse("compliance:lexicon_entry", args=(listed[0].pk,))
    assert signed.post(address, {**new, "severity": "block"}).status_code == 302
    assert signed.get(address).status_code == 404
    entry = LexiconEntry.objects.current().get(phrase="悦肤第一罐")
    signed.post(reverse("compliance:lexicon_retire", args=(entry.pk,)), {"reason": "不用"})
    assert (latest_version().number, LexiconEntry.objects.current().filter(phrase="悦肤第一罐").exists()) == (4, False)


def test_packs_are_switched_by_a_form() -> None:
    signed = client(Role.LEGAL)
    signed.post(reverse("compliance:lexicon_packs"), {"pack": ["finance"], "reason": ""})
    assert latest_version().number == 1
    signed.post(reverse("compliance:lexicon_packs"), {"pack": ["finance"], "reason": "理财"})
    assert latest_version().packs == ["finance", "statutory"]


def test_export_is_what_the_import_takes() -> None:
    signed = client(Role.LEGAL)
    exported = signed.get(reverse("compliance:lexicon_export")).content
    file = SimpleUploadedFile("a.csv", exported)
    assert signed.post(reverse("compliance:lexicon_import"), {"file": file, "reason": "回写"}).status_code == 302
    assert latest_version().number == 1
    more = exported + "=1+1悦肤,brand,warn,,,公式\r\n".encode()
    signed.post(reverse("compliance:lexicon_import"), {"file": SimpleUploadedFile("a.csv", more), "reason": "加一条"})
    assert latest_version().number == 2
    again = signed.get(reverse("compliance:lexicon_export")).content.decode()
    assert "'=1+1悦肤,brand,warn" in again


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xff\xff", "词,包\r\n最佳,x".encode(), "phrase,pack,severity\r\n最,brand,warn".encode("gb18030")],
)
def test_file_with_faults_changes_nothing(data: bytes) -> None:
    answer = client(Role.LEGAL).post(
        reverse("compliance:lexicon_import"), {"file": SimpleUploadedFile("a.csv", data), "reason": "x"}
    )
    assert (answer.status_code, list(answer.context["errors"]), latest_version().number) == (422, ["file"], 1)


def test_author_writes_proves_and_submits() -> None:
    author = staff(Role.MARKETER)
    signed = signed_in(author)
    assert signed.post(reverse("compliance:wording_add"), {"title": "", "text": ""}).status_code == 422
    signed.post(reverse("compliance:wording_add"), {"title": "海报", "text": "全网最低价\r\n限三天"})
    review = Review.objects.get()
    assert (review.parts, review.warnings) == ([{"name": "text", "text": "全网最低价\n限三天"}], 1)
    assert signed.post(reverse("compliance:review_submit", args=(review.pk,))).status_code == 422
    proof = reverse("compliance:review_proof", args=(review.pk,))
    assert signed.post(proof, {"key": "全网最低价", "text": ""}).status_code == 400
    signed.post(proof, {"key": "全网最低价", "text": "比价", "file": SimpleUploadedFile("比价.pdf", b"%PDF-1")})
    assert signed.post(reverse("compliance:review_submit", args=(review.pk,))).status_code == 302
    kept = Proof.objects.get()
    answer = signed.get(reverse("compliance:review_proof_file", args=(review.pk, kept.pk)))
    assert (answer.content, answer["Content-Type"]) == (b"%PDF-1", "application/octet-stream")
    assert answer["Content-Disposition"].startswith("attachment")


def test_reviewer_approves_what_she_read_and_goes_on_to_the_next() -> None:
    first, second, signed = waiting(), waiting("周四见。"), client(Role.LEGAL)
    page = signed.get(reverse("compliance:review", args=(first.pk,)))
    assert (page.context["next"], 'data-key="a"' in page.content.decode()) == (second.pk, True)
    approve = reverse("compliance:review_approve", args=(first.pk,))
    assert signed.post(approve, {"digest": "wrong", "valid_days": "90"}).status_code == 409
    assert signed.post(approve, {"digest": first.digest, "valid_days": "9999"}).status_code == 400
    answer = signed.post(approve, {"digest": first.digest, "valid_days": "90"})
    assert answer["Location"] == reverse("compliance:review", args=(second.pk,))
    back = reverse("compliance:review_return", args=(second.pk,))
    assert signed.post(back, {"reason": ""}).status_code == 400
    assert signed.post(back, {"reason": "写明日期"})["Location"] == reverse("compliance:reviews")
    assert sorted(Review.objects.values_list("state", flat=True)) == ["approved", "returned"]


def test_author_with_the_right_to_decide_sees_no_button_for_her_own() -> None:
    legal = staff(Role.LEGAL)
    waiting(name=legal.username)
    page = signed_in(legal).get(reverse("compliance:review", args=(Review.objects.get().pk,))).content.decode()
    assert 'data-open="approve"' not in page


def test_text_in_review_is_not_changed_by_its_form() -> None:
    review = waiting()
    answer = client(Role.MARKETER).post(reverse("compliance:wording", args=(review.pk,)), {"title": "x", "text": "y"})
    review.refresh_from_db()
    assert (answer.status_code, review.state, review.title) == (302, "in_review", "海报")


def test_badge_counts_what_this_reviewer_may_decide() -> None:
    waiting()
    pages = {role: client(role).get(reverse("compliance:lexicon")) for role in (Role.LEGAL, Role.MARKETER)}
    badges = {
        role: [item.get("badge") for group in page.context["sidebar_navigation"] for item in group["items"]]
        for role, page in pages.items()
    }
    assert (1 in badges[Role.LEGAL], 1 in badges[Role.MARKETER]) == (True, False)


def test_queries_do_not_grow_with_texts_and_hits() -> None:
    signed, author = client(Role.LEGAL), staff(Role.MARKETER, "writer")
    one = _proven(author, "全网最低价")
    three = _proven(author, "全网最低价，销量冠军，独家配方")
    counts = [_queries(signed, reverse("compliance:review", args=(review.pk,))) for review in (one, one, three)]
    assert counts[1] == counts[2] <= 15
    few = _queries(signed, reverse("compliance:reviews"))
    waiting()
    waiting("周四见。")
    assert _queries(signed, reverse("compliance:reviews")) == few <= 15


def _proven(author: User, text: str) -> Review:
    review = save_wording(title="海报", text=text, by=author, now=timezone.now())
    for key in text.split("，"):
        add_proof(review=review, key=key, text="证明", by=author, now=timezone.now())
    return submit(review=review, by=author, now=timezone.now())


def _queries(signed: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert signed.get(address).status_code == 200
    return len(captured)
