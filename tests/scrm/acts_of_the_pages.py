"""Every address that takes a POST, with one that succeeds; and those whose POST writes nothing, with the reason."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django.views.generic import RedirectView
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from accounts.enums import Role
from accounts.models import Region, Store, User
from accounts.services import create_api_key, create_staff
from accounts.services.exports import ALONE, request_export, run_export
from compliance.enums.consent import Channel, SuppressionKind, SuppressionReason
from compliance.models import LexiconEntry, Notice, Review, SubjectRequest, Suppression
from compliance.selectors.reviews import check_parts, digest_to_approve, warned_in
from compliance.services.links import issue_link
from compliance.services.notices import begin_version, save_draft
from compliance.services.requests import open_request, verify
from compliance.services.retention import place_hold, rules_in_force
from compliance.services.reviews import submit
from compliance.services.suppression import suppress
from compliance.services.wordings import save_wording
from intake.services import receive_upload
from members.enums import CityTier, IdentityType
from members.models import City, DuplicatePair, Identity, Member
from members.services import create_member, merge_members
from members.services.saved_views import save_view
from scrm.services import sync_schedules
from segments.models import Tag, TagGroup
from tests.accounts.test_second_factor import code_of, set_up
from tests.assessments import assess
from tests.brand import PASSWORD, administrator, signed_in
from tests.compliance.people import WHOLE, approve_notice, published, said
from tests.compliance.test_pages import settings_form
from tests.segments.test_admin_tiers import form_data
from timeline.models import Product

_numbers = itertools.count(1)
CSV = "单号,会员号,日期,货号,数量,单价\nA1,1,2026-01-02,P1,1,10\n".encode()


@dataclass
class Cast:
    """Who acts, and upon whom."""

    admin: User = field(default_factory=administrator)
    member: Member = field(
        default_factory=lambda: create_member(
            by=None, now=timezone.now(), name="林晓", identities=[{"type": IdentityType.PHONE, "value": "13912345678"}]
        )
    )

    def __post_init__(self) -> None:
        self.client = signed_in(self.admin)

    def other(self, role: Role = Role.ADMINISTRATOR) -> User:
        name = f"{role}-{next(_numbers)}"
        return create_staff(username=name, role=role, by=None, now=timezone.now(), password=PASSWORD)


@dataclass
class Act:
    """A POST; `by_whom` is None where nobody of the staff does it."""

    address: str
    body: dict[str, Any] = field(default_factory=dict)
    client: Client | None = None
    by_nobody: bool = False


Maker = Callable[[Cast], Act]


def to(name: str, body: dict[str, Any] | None = None) -> Maker:
    """A POST to an address without numbers in it."""
    return lambda _cast: Act(reverse(name), body or {})


def about(name: str, made: Callable[[Cast], int], body: dict[str, Any] | None = None) -> Maker:
    """A POST to the address of something that is made first."""
    return lambda cast: Act(reverse(name, args=(made(cast),)), body or {})


def at_the_door(cast: Cast) -> Act:
    return Act(reverse("admin:login"), {"username": cast.admin.username, "password": PASSWORD}, Client())


def second_step(cast: Cast) -> Act:
    secret, _codes = set_up(cast.admin, timezone.now() - timedelta(minutes=2))
    return Act(reverse("accounts:second_factor"), {"code": code_of(secret, timezone.now())})


def first_code(cast: Cast) -> Act:
    client, page = signed_in(cast.admin), reverse("accounts:second_factor_set_up")
    secret = client.get(page).context["secret"].replace(" ", "")
    return Act(page, {"code": code_of(secret, timezone.now())}, client)


def new_codes(cast: Cast) -> Act:
    return Act(reverse("accounts:second_factor_own"), second_step(cast).body)


def locked_out(cast: Cast) -> Act:
    for _attempt in range(5):
        Client().post(reverse("admin:login"), {"username": cast.admin.username, "password": "wrong"})
    return Act(reverse("accounts:lift_lock"), {"username": cast.admin.username})


def export_asked(cast: Cast, by: User | None = None) -> int:
    asked = request_export(
        kind="members", layout="csv", parameters={}, reason="Letter", by=by or cast.admin, now=timezone.now()
    )
    return asked.pk


def large_export(cast: Cast) -> int:
    assess("large_export")
    Member.objects.bulk_create(Member(name=f"{number}") for number in range(ALONE + 1))
    return export_asked(cast, cast.other())


def ready_export(cast: Cast) -> int:
    number = export_asked(cast)
    run_export(export_id=number, now=timezone.now())
    return number


def request_of(cast: Cast) -> SubjectRequest:
    given = {"kind": "access", "source": "phone", "requester": "self", "wish": "全部"}
    return open_request(member_id=cast.member.pk, by=cast.admin, now=timezone.now(), **given)


def recognised(cast: Cast) -> int:
    return verify(request=request_of(cast), check="call_back", by=cast.admin, now=timezone.now()).pk


def held(cast: Cast) -> int:
    return int(place_hold(member_id=cast.member.pk, reason="court", by=cast.admin, now=timezone.now()).pk)


def suppressed(_cast: Cast) -> int:
    suppress(
        kind=SuppressionKind.PHONE, value="13912345678", channel=Channel.ANY, reason=SuppressionReason.COMPLAINT,
        source="", by=None, now=timezone.now(),
    )  # fmt: skip
    return Suppression.objects.get().pk


def draft(_cast: Cast) -> int:
    found = Notice.objects.filter(state="draft").first() or begin_version(by=None, now=timezone.now())
    return found.pk


def consenting(cast: Cast) -> int:
    """She has said yes to everything under a notice."""
    published(at=timezone.now())
    said(cast.member, "grant", at=timezone.now())
    return cast.member.pk


def next_notice(_cast: Cast) -> Act:
    published(at=timezone.now())
    return Act(reverse("compliance:notice_begin"))


def whole_draft(cast: Cast) -> int:
    notice = Notice.objects.get(pk=draft(cast))
    save_draft(notice=notice, texts={"zh-hans": WHOLE}, material=False, summary="", by=cast.admin, now=timezone.now())
    return notice.pk


def approved_draft(cast: Cast) -> int:
    number = whole_draft(cast)
    approve_notice(Notice.objects.get(pk=number), timezone.now())
    return number


def text_of(by: User, text: str = "周三见。") -> Review:
    return save_wording(title="海报", text=text, by=by, now=timezone.now())


def waiting(cast: Cast) -> Review:
    author = cast.other(Role.MARKETER)
    return submit(review=text_of(author), by=author, now=timezone.now())


def approved(cast: Cast) -> Act:
    review = waiting(cast)
    return Act(
        reverse("compliance:review_approve", args=(review.pk,)),
        {"digest": digest_to_approve(review), "valid_days": "30"},
    )


def phrase(_cast: Cast) -> int:
    return LexiconEntry.objects.current().exclude(pack="statutory").earliest("pk").pk


def proved(cast: Cast) -> Act:
    entry = LexiconEntry.objects.current().filter(severity="warn", pack="general").earliest("pk")
    review = text_of(cast.admin, f"{entry.phrase}。")
    (found,) = warned_in(check_parts(review.parts), {})
    address = reverse("compliance:review_proof", args=(review.pk,))
    return Act(address, {"key": found.found.key, "text": "报告 12 号"})


def uploaded(cast: Cast) -> int:
    return receive_upload(kind="purchases", chunks=[CSV], file_name="a.csv", by=cast.admin, now=timezone.now()).pk


def tag() -> Tag:
    group, _new = TagGroup.objects.get_or_create(name="肤质")
    return Tag.objects.create(group=group, name=f"标签{next(_numbers)}")


def tagging(cast: Cast) -> Act:
    address = reverse("admin:members_member_act", args=("tag",))
    return Act(address, {"member": [cast.member.pk], "act": "give", "tag": tag().pk})


def revealed(cast: Cast) -> Act:
    identity = Identity.objects.get(member=cast.member, type=IdentityType.PHONE)
    address = reverse("admin:members_member_part", args=(cast.member.pk, "reveal"))
    return Act(address, {"identity": str(identity.pk), "reason": "she called and asked for a delivery"})


def key(cast: Cast) -> int:
    program = User.objects.create_user(f"program-{next(_numbers)}", role=Role.API_CLIENT)
    made, _secret = create_api_key(user=program, name="till", scopes=["members:read"], by=None, now=timezone.now())
    return made.pk


def new_key(cast: Cast) -> Act:
    program = User.objects.create_user(f"program-{next(_numbers)}", role=Role.API_CLIENT)
    return Act(reverse("admin:accounts_key_new"), {"user": program.pk, "name": "till", "scopes": ["members:read"]})


def task(_cast: Cast) -> int:
    sync_schedules()
    return int(PeriodicTask.objects.earliest("pk").pk)


def by_link(
    name: str, body: dict[str, str] | None = None, *more: str, before: Callable[[Cast], int] | None = None
) -> Maker:
    """What a member does herself, on her phone."""

    def made(cast: Cast) -> Act:
        if before:
            before(cast)
        path = issue_link(member_id=cast.member.pk, by=None, now=timezone.now())
        token = path.rstrip("/").rsplit("/", 1)[1]
        return Act(reverse(name, args=(token, *more)), body or {}, Client(), by_nobody=True)

    return made


def edited(page: str, made: Callable[[Cast], int], **changes: Any) -> Maker:
    """The form of one object, as it came, with some fields changed."""

    def act(cast: Cast) -> Act:
        address = reverse(page, args=(made(cast),))
        form = cast.client.get(address).context["adminform"].form
        shown = {each: form.get_initial_for_field(form.fields[each], each) for each in form.fields}
        plain = {
            each: getattr(value, "pk", value)
            for each, value in shown.items()
            if value is not None and value is not False
        }
        return Act(address, {**plain, **changes})

    return act


def store(_cast: Cast) -> int:
    region = Region.objects.create(code="east", name="华东")
    return Store.objects.create(region=region, code="s1", name="静安店").pk


def region(_cast: Cast) -> int:
    return Region.objects.create(code="north", name="华北").pk


def in_region(cast: Cast) -> Act:
    return Act(reverse("admin:accounts_store_add"), {"name": "徐汇店", "code": "s2", "region": region(cast)})


def settings_of_the_gate(_cast: Cast) -> Act:
    return Act(reverse("compliance:settings"), settings_form(cap_messages="2", reason="fewer"))


def tiers_asked_for(_cast: Cast) -> Act:
    assess("tiering")
    return Act(reverse("segments:run"))


def tier_rules(_cast: Cast) -> Act:
    data = form_data(high_value__value=["400", "3"])
    return Act(reverse("segments:rules"), {**data, "reason": "门槛"})


def password_of(cast: Cast) -> Act:
    address = reverse("admin:auth_user_password_change", args=(cast.other().pk,))
    return Act(address, {"password1": "longer-still-2", "password2": "longer-still-2", "usable_password": "true"})


def two(cast: Cast) -> Member:
    """Another record of hers."""
    return create_member(by=None, now=timezone.now(), name=cast.member.name)


def merged(cast: Cast) -> int:
    other = two(cast)
    merge_members(keep=cast.member, merge=other, by=None, reason="同一个手机号码", now=timezone.now())
    return other.pk


def alike(cast: Cast) -> Act:
    pair = DuplicatePair.objects.create(
        first=cast.member, second=two(cast), signs=["phone"], is_strong=True, found_at=timezone.now()
    )
    return Act(reverse("members:duplicates_decide"), {"pair": [pair.pk]})


NEW_PHRASE = {"phrase": "悦肤第一罐", "pack": "brand", "severity": "warn", "note": "约定", "reason": "品牌部"}
NEW_PASSWORD = {"old_password": PASSWORD, "new_password1": "longer-still-2", "new_password2": "longer-still-2"}
NEW_STAFF = {
    "username": "zhou", "display_name": "周敏", "role": "guide", "usable_password": "true",
    "password1": "longer-still-2", "password2": "longer-still-2",
}  # fmt: skip
REQUEST = {"kind": "access", "source": "phone", "requester": "self", "wish": "全部"}

ACTS: dict[str, Maker] = {
    "accounts:export_decide": about("accounts:export_decide", large_export, {"decision": "allow"}),
    "accounts:export_download": about("accounts:export_download", ready_export),
    "accounts:export_new": lambda _cast: Act(
        reverse("accounts:export_new") + "?kind=members", {"layout": "csv", "reason": "Letter"}
    ),
    "accounts:lift_lock": locked_out,
    "accounts:second_factor": second_step,
    "accounts:second_factor_own": new_codes,
    "accounts:second_factor_set_up": first_code,
    "admin:accounts_key_edit": about(
        "admin:accounts_key_edit", key, {"name": "other", "scopes": ["members:read"], "networks": ""}
    ),
    "admin:accounts_key_new": new_key,
    "admin:accounts_key_revoke": about("admin:accounts_key_revoke", key),
    "admin:accounts_region_add": to("admin:accounts_region_add", {"name": "华南", "code": "south"}),
    "admin:accounts_region_change": edited("admin:accounts_region_change", region, name="华北区"),
    "admin:accounts_store_add": in_region,
    "admin:accounts_store_change": edited("admin:accounts_store_change", store, name="静安二店"),
    "admin:accounts_user_add": to("admin:accounts_user_add", NEW_STAFF),
    "admin:accounts_user_change": edited("admin:accounts_user_change", lambda cast: cast.other().pk, role="legal"),
    "admin:accounts_user_reset_second_factor": about(
        "admin:accounts_user_reset_second_factor", lambda cast: cast.other().pk, {"reason": "phone lost"}
    ),
    "admin:auth_user_password_change": password_of,
    "admin:django_celery_beat_crontabschedule_add": to(
        "admin:django_celery_beat_crontabschedule_add",
        {"minute": "7", "hour": "3", "day_of_month": "*", "month_of_year": "*", "day_of_week": "*", "timezone": "UTC"},
    ),
    "admin:django_celery_beat_crontabschedule_change": edited(
        "admin:django_celery_beat_crontabschedule_change",
        lambda _cast: CrontabSchedule.objects.create(minute="9", hour="9").pk,
        hour="10",
    ),
    "admin:django_celery_beat_intervalschedule_add": to(
        "admin:django_celery_beat_intervalschedule_add", {"every": "7", "period": "minutes"}
    ),
    "admin:django_celery_beat_intervalschedule_change": edited(
        "admin:django_celery_beat_intervalschedule_change",
        lambda _cast: IntervalSchedule.objects.create(every=41, period="minutes").pk,
        every="42",
    ),
    "admin:django_celery_beat_periodictask_change": edited(
        "admin:django_celery_beat_periodictask_change", task, description="checked"
    ),
    "admin:intake_cancel": about("admin:intake_cancel", uploaded),
    "admin:intake_configure": about("admin:intake_configure", uploaded, {"act": "trial"}),
    "admin:intake_new": lambda _cast: Act(
        reverse("admin:intake_new"), {"kind": "purchases", "file": SimpleUploadedFile("a.csv", CSV)}
    ),
    "admin:login": at_the_door,
    "admin:logout": to("admin:logout"),
    "admin:members_city_add": to(
        "admin:members_city_add", {"name": "某市", "province": "某省", "tier": CityTier.choices[0][0]}
    ),
    "admin:members_city_change": edited(
        "admin:members_city_change", lambda _cast: City.objects.get(name="杭州").pk, province="浙江"
    ),
    "admin:members_member_act": tagging,
    "admin:members_member_add": to("admin:members_member_add", {"name": "周敏"}),
    "admin:members_member_edit": edited("admin:members_member_edit", lambda cast: cast.member.pk, name="林小晓"),
    "admin:members_member_part": revealed,
    "admin:members_view_add": to("admin:members_view_add", {"name": "沉默", "query": "tier=silent"}),
    "admin:members_view_delete": about(
        "admin:members_view_delete",
        lambda cast: (
            save_view(by=cast.admin, now=timezone.now(), name="x", params={"channel": ["pos"]}, shared=False).pk
        ),
    ),
    "admin:password_change": to("admin:password_change", NEW_PASSWORD),
    "admin:scrm_task_switch": about("admin:scrm_task_switch", task, {"on": "0"}),
    "admin:timeline_product_add": to("admin:timeline_product_add", {"code": "P1", "name": "精华", "category": ""}),
    "admin:timeline_product_change": edited(
        "admin:timeline_product_change", lambda _cast: Product.objects.create(code="P2", name="乳液").pk, name="水"
    ),
    "compliance:hold": lambda cast: Act(reverse("compliance:hold"), {"member": cast.member.pk, "reason": "court"}),
    "compliance:hold_lift": about("compliance:hold_lift", held, {"reason": "over"}),
    "compliance:lexicon_add": to("compliance:lexicon_add", NEW_PHRASE),
    "compliance:lexicon_entry": about("compliance:lexicon_entry", phrase, {**NEW_PHRASE, "severity": "block"}),
    "compliance:lexicon_import": lambda _cast: Act(
        reverse("compliance:lexicon_import"),
        {
            "file": SimpleUploadedFile("a.csv", "phrase,pack,severity,note\n悦肤,brand,warn,约定\n".encode()),
            "reason": "new",
        },
    ),
    "compliance:lexicon_packs": to("compliance:lexicon_packs", {"pack": ["finance"], "reason": "理财"}),
    "compliance:lexicon_retire": about("compliance:lexicon_retire", phrase, {"reason": "不用"}),
    "compliance:member_link": about("compliance:member_link", lambda cast: cast.member.pk),
    "compliance:member_restrict": about("compliance:member_restrict", lambda cast: cast.member.pk, {"reason": "asked"}),
    "compliance:member_withdraw": about("compliance:member_withdraw", consenting),
    "compliance:notice": about("compliance:notice", draft, {f"zh-hans.{code}": text for code, text in WHOLE.items()}),
    "compliance:notice_begin": next_notice,
    "compliance:notice_discard": about("compliance:notice_discard", draft),
    "compliance:notice_publish": about("compliance:notice_publish", approved_draft),
    "compliance:notice_submit": about("compliance:notice_submit", whole_draft),
    "compliance:request_act": lambda cast: Act(
        reverse("compliance:request_act", args=(request_of(cast).pk, "verify")), {"check": "call_back"}
    ),
    "compliance:request_copy": about("compliance:request_copy", recognised),
    "compliance:request_open": about("compliance:request_open", lambda cast: cast.member.pk, REQUEST),
    "compliance:request_restrict": about(
        "compliance:request_restrict", lambda cast: request_of(cast).pk, {"reason": "asked"}
    ),
    "compliance:retention_change": lambda _cast: Act(
        reverse("compliance:retention_change", args=(rules_in_force()[0].purge.code,)),
        {"days": "700", "is_active": "1", "reason": "shorter"},
    ),
    "compliance:review_approve": approved,
    "compliance:review_proof": proved,
    "compliance:review_return": about("compliance:review_return", lambda cast: waiting(cast).pk, {"reason": "no"}),
    "compliance:review_submit": about("compliance:review_submit", lambda cast: text_of(cast.admin).pk),
    "compliance:rights_settings": to(
        "compliance:rights_settings", {"answer_days": "10", "warn_days": "2", "reason": "sooner"}
    ),
    "compliance:settings": settings_of_the_gate,
    "compliance:suppression_add": to(
        "compliance:suppression_add",
        {"kind": "phone", "channel": "any", "reason": "complaint", "values": "13912345678"},
    ),
    "compliance:suppression_find": to("compliance:suppression_find", {"kind": "phone", "value": "13912345678"}),
    "compliance:suppression_lift": about("compliance:suppression_lift", suppressed, {"reason": "wrong number"}),
    "compliance:wording": about("compliance:wording", lambda cast: text_of(cast.admin).pk, {"title": "A", "text": "B"}),
    "compliance:wording_add": to("compliance:wording_add", {"title": "A", "text": "B"}),
    "members:duplicates_decide": alike,
    "members:merge": lambda cast: Act(
        reverse("members:merge", args=(cast.member.pk, two(cast).pk)), {"reason": "同一个手机号码"}
    ),
    "members:unmerge": about("members:unmerge", merged, {"reason": "不是同一人"}),
    "privacy:act": by_link("privacy:act", {"kind": "access", "wish": ""}, "requests"),
    "privacy:all_off": by_link("privacy:all_off", before=consenting),
    "privacy:switch": by_link(
        "privacy:switch", {"purpose": "marketing", "channel": "sms", "on": "1"}, before=consenting
    ),
    "segments:rules": tier_rules,
    "segments:run": tiers_asked_for,
    "segments:tag": about("segments:tag", lambda _cast: tag().pk, {"name": "敏感肌", "new_group": "肤质"}),
    "segments:tag_add": to("segments:tag_add", {"name": "干性肌", "new_group": "肤质"}),
    "segments:tag_delete": about("segments:tag_delete", lambda _cast: tag().pk),
}
#: A POST changes nothing of the brand here; the test that no statement writes holds for these.
READS = {
    "accounts:exports": "shows the page",
    "accounts:locks": "shows the page",
    "admin:audit_auditentry_proof": "reckons the proof of one row anew",
    "admin:index": "leads to the page of the day",
    "admin:intake_progress": "shows a part of the page",
    "admin:intake_rejects": "answers with a file",
    "admin:intake_sample": "answers with a file",
    "admin:members_member_change": "shows the page; its form is at another address",
    "admin:members_member_changelist": "searches by a value that must not stand in an address",
    "admin:search": "shows what was found",
    "compliance:lexicon_try": "marks a text that is not kept",
    "compliance:request_find": "searches by a value that must not stand in an address",
    "dashboards:today": "shows the page",
    "scrm:audit_packs": "shows the page",
    "segments:preview": "reckons what rules would do",
    "segments:tag_count": "counts",
    "set_language": "keeps the language in a cookie",
}
OWN_NOTICES = {
    "admin:accounts_notice_open": "one's own notices are read: nothing of the brand's",
    "admin:accounts_notice_read_all": "one's own notices are read: nothing of the brand's",
}
FILLED = {"int": "1"}


def taking_posts(user: User, patterns: Any = None) -> Iterator[str]:
    """Names of all addresses outside the API that do not refuse the POST of an administrator."""
    forms = dict(_forms(user))
    for name, route in routes(patterns or get_resolver().url_patterns, (), ""):
        path = "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: FILLED.get(found[1], "x"), route)
        if name in forms and not forms[name]:
            continue
        if name in forms or signed_in(user).post(path).status_code not in {403, 405}:
            yield name


def routes(patterns: Any, spaces: tuple[str, ...], before: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and not route.startswith("api/"):
            yield from routes(pattern.url_patterns, (*spaces, *filter(None, [pattern.namespace])), route)
        elif isinstance(pattern, URLPattern) and "(?P" not in route and not _leads_away(pattern):
            yield ":".join((*spaces, pattern.name or route)), route


def _leads_away(pattern: URLPattern) -> bool:
    return getattr(pattern.callback, "view_class", None) is RedirectView


def _forms(user: User) -> Iterator[tuple[str, bool]]:
    """The addresses that Django gives every model, and whether their form can be used at all."""
    request = RequestFactory().get("/")
    request.user = user
    for model, made in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield f"{base}_history", False
        for verb in ("add", "change", "delete"):
            yield f"{base}_{verb}", getattr(made, f"has_{verb}_permission")(request)
        if model is not Member:
            yield f"{base}_changelist", bool(made.actions or getattr(made, "list_editable", ()))
