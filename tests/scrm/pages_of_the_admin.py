"""Every address of the admin with what the grants say about it, for the tests that open all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import ApiKey, InAppNotice, User
from audit.admin import RecordedAdmin
from audit.models import AuditEntry
from community.models import Group
from compliance.models import Review
from content.models import (
    CadenceRule,
    ContentType,
    Festival,
    FestivalTemplate,
    Material,
    MaterialVersion,
    Slot,
)
from core.admin import EvidenceAdmin
from core.registries import permissions_of
from intake.enums import ImportState
from intake.models import ImportJob
from members.models import Member, SavedView
from scrm.models import AuditPack
from segments.models import Audience, RunRequest, Tag
from tests.scrm import (
    pages_of_campaigns,
    pages_of_earnings,
    pages_of_groups,
    pages_of_insights,
    pages_of_koc,
    pages_of_moderation,
    pages_of_offers,
    pages_of_results,
)
from tests.scrm.pages_of_compliance import looked_at, posted_to
from timeline.models import Purchase
from wecom.models import CallbackEvent

ANYBODY = ""
ADDED_BY_NOBODY = {"django_celery_beat.periodictask"}  # what runs is shipped with the product
NO_PAGES = {
    "admin:login", "admin:logout", "admin:index", "admin:jsi18n", "admin:app_list",
    "set_language",
    "accounts:second_factor", "accounts:second_factor_set_up",  # between the password and the door: test_second_factor.py
    "privacy:notice", "privacy:centre", "privacy:switch", "privacy:all_off", "privacy:act",  # members': test_centre.py
    "links:follow", "links:personal",  # members': whoever has a short link is sent on by it, test_links.py
    "wecom:callback",  # for the platform, which proves who it is: test_webhooks.py
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Page:
    """An address, what one must hold to use it (ANYBODY: nothing), whose row it shows, and what it answers then."""

    name: str
    address: str
    permission: str
    member: Member | None = None
    owner: User | None = None
    group: Group | None = None
    hidden: frozenset[int] = frozenset({404})
    """What a role with the permission is answered where the row is out of its reach."""
    answers: frozenset[int] = frozenset({200})
    refuses: frozenset[int] = frozenset({403})
    posted: bool = False

    def expected(self, user: User) -> frozenset[int]:
        if user.role == Role.API_CLIENT:
            return frozenset({302})
        if not holds(user.role, self.permission):
            return self.refuses
        return self.answers if self._is_seen_by(user) else self.hidden

    def _is_seen_by(self, user: User) -> bool:
        if self.member is not None:
            return Member.objects.visible_to(user).filter(pk=self.member.pk).exists()
        if self.group is not None:
            return Group.objects.visible_to(user).filter(pk=self.group.pk).exists()
        return self.owner is None or self.owner == user


def holds(role: str, permission: str) -> bool:
    """By the grants table alone; one of several permissions (`a|b`) is enough."""
    granted = permissions_of(role)
    return role == Role.ADMINISTRATOR or not permission or any(name in granted for name in permission.split("|"))


def pages() -> list[Page]:
    """Every page that a brand with two members of everything has."""
    return [*_of_models(), *_of_our_own(), *_of_content(), *_of_groups()]


def covered() -> set[str]:
    return {page.name for page in pages()} | NO_PAGES


def names() -> set[str]:
    """Of every address below /admin/."""
    return set(_names(get_resolver().url_patterns, ()))


def _names(patterns: list[URLPattern | URLResolver], spaces: tuple[str, ...]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = (pattern.namespace,) if pattern.namespace else ()
            if not str(pattern.pattern).startswith("api/"):
                yield from _names(pattern.url_patterns, (*spaces, *space))
        elif pattern.name:
            yield ":".join((*spaces, pattern.name))


def _of_models() -> Iterator[Page]:
    for model, model_admin in admin.site._registry.items():
        label, base = model._meta.label_lower, f"admin:{model._meta.app_label}_{model._meta.model_name}"
        evidence = isinstance(model_admin, EvidenceAdmin)
        verbs = {verb: f"{model._meta.app_label}.{verb}_{model._meta.model_name}" for verb in ("view", "change", "add")}
        look = ANYBODY if model is InAppNotice else f"{verbs['view']}|{verbs['change']}"
        row = _row(model)
        member = row if isinstance(row, Member) else getattr(row, "member", None)
        hidden = frozenset({404} if model in {Member, ImportJob} else {302})
        yield Page(name=f"{base}_changelist", address=reverse(f"{base}_changelist"), permission=look)
        nobody = evidence or label in ADDED_BY_NOBODY
        yield Page(
            name=f"{base}_add",
            address=reverse(f"{base}_add"),
            permission=ANYBODY if model is ImportJob else verbs["add"],
            answers=frozenset({403 if nobody and model is not ImportJob else 302 if model is ImportJob else 200}),
        )
        for verb, permission in (("change", look), ("history", look), ("delete", ANYBODY)):
            name = f"{base}_{verb}"
            recorded = verb == "history" and isinstance(model_admin, RecordedAdmin)  # sent on to the record of acts
            yield Page(
                name=name,
                address=reverse(name, args=(row.pk,)),
                permission=ANYBODY if recorded else permission,
                member=None if verb == "delete" else member,
                owner=row.recipient if verb != "delete" and isinstance(row, InAppNotice) else None,
                hidden=hidden,
                refuses=frozenset({403, 302} if verb == "history" else {403, 404} if model is ImportJob else {403}),
                answers=frozenset({403} if verb == "delete" else {302} if recorded else {200}),
            )


def _row(model: type[models.Model]) -> Any:
    """One that exists; a member and her purchase, the one whom a guide serves."""
    if model is User:
        return User.objects.get(username="guide2")
    return model._default_manager.earliest("pk")


def _of_our_own() -> Iterator[Page]:
    near, far = Member.objects.order_by("pk")[:2]
    tag, job, notice = (
        Tag.objects.earliest("pk").pk,
        ImportJob.objects.earliest("pk").pk,
        InAppNotice.objects.earliest("pk").pk,
    )
    uploaded = ImportJob.objects.get(state=ImportState.UPLOADED).pk
    person = User.objects.get(username="guide2").pk
    audience = Audience.objects.earliest("pk").pk
    asked = RunRequest.objects.create(asked_at=timezone.now(), finished_at=timezone.now()).pk
    for name, permission, *args in (
        ("dashboards:today", "dashboards.view_today"),
        ("dashboards:cohorts", "dashboards.view_results"),
        ("segments:tiers", "segments.view_tier"),
        ("segments:flow", "segments.view_tier"),
        ("segments:progress", "segments.view_tier", asked),
        ("segments:rules", "segments.view_tier"),
        ("scrm:audit_packs", "scrm.view_auditpack"),
        ("segments:audiences", "segments.view_audience"),
        ("segments:audience_add", "segments.add_audience"),
        ("segments:audience", "segments.view_audience", audience),
        ("segments:audience_edit", "segments.change_audience", audience),
        ("segments:audience_count", "segments.view_audience", audience),
        ("segments:tags", "segments.view_tag"),
        ("segments:tag_add", "segments.add_tag"),
        ("segments:tag", "segments.view_tag", tag),
        ("admin:accounts_key_new", "accounts.add_apikey"),
        ("admin:auth_user_password_change", "accounts.change_user", person),
        ("admin:accounts_user_reset_second_factor", "accounts.change_user", person),
        ("admin:audit_auditentry_proof", "audit.view_auditentry", AuditEntry.objects.earliest("pk").pk),
        ("admin:wecom_callbackevent_again", "wecom.change_callbackevent", CallbackEvent.objects.earliest("pk").pk),
        ("admin:wecom_callbackevent_all_again", "wecom.change_callbackevent"),
        ("admin:intake_new", "intake.add_importjob"),
        ("admin:intake_sample", "intake.add_importjob", "purchases"),
        ("admin:password_change", ANYBODY),
        ("admin:password_change_done", ANYBODY),
        ("admin:search", ANYBODY),
        ("admin:accounts_key_edit", "accounts.change_apikey", ApiKey.objects.earliest("pk").pk),
        *looked_at(),
        *pages_of_campaigns.looked_at(),
        *pages_of_groups.looked_at(),
        *pages_of_moderation.looked_at(),
        *pages_of_results.looked_at(),
        *pages_of_offers.looked_at(),
        *pages_of_insights.looked_at(),
    ):
        yield Page(name=name, address=reverse(name, args=args), permission=permission)
    yield from _with_more_in_their_address()
    yield from _of_earnings(near)
    yield from _of_koc(near)
    yield from _of_members(near, far)
    yield from _of_imports(job, uploaded)
    yield from _posted(tag, uploaded, notice)


def _with_more_in_their_address() -> Iterator[Page]:
    export = reverse("accounts:export_new") + "?kind=members"
    yield Page(name="accounts:export_new", address=export, permission="members.export_member")
    proof = reverse("compliance:review_proof_file", args=(Review.objects.earliest("pk").pk, 1))
    yield Page(
        name="compliance:review_proof_file",
        address=proof,
        permission="compliance.view_review",
        answers=frozenset({404}),
    )
    for app, model, field, permission in (
        ("members", "member", "city", "members.view_city"),
        ("members", "member", "guide", "accounts.view_user"),
        ("accounts", "user", "region", "accounts.view_region"),
    ):
        query = f"?app_label={app}&model_name={model}&field_name={field}"
        yield Page(name="admin:autocomplete", address=reverse("admin:autocomplete") + query, permission=permission)


def _of_earnings(member: Member) -> Iterator[Page]:
    made = pages_of_earnings.make(member)
    for name, permission, about_her, args in pages_of_earnings.looked_at(made):
        address = reverse(name, args=args)
        yield Page(name=name, address=address, permission=permission, member=member if about_her else None)
    for name, permission, args in pages_of_earnings.without_file(made):
        yield Page(
            name=name,
            address=reverse(name, args=args),
            permission=permission,
            member=member,
            answers=frozenset({404}),
        )
    for name, permission, *numbers in pages_of_earnings.posted_to(made):
        yield Page(name=name, address=reverse(name, args=numbers), permission=permission, posted=True)


def _of_koc(member: Member) -> Iterator[Page]:
    made = pages_of_koc.make(member)
    for name, permission, about_her, args in pages_of_koc.looked_at(made):
        address = reverse(name, args=args)
        yield Page(name=name, address=address, permission=permission, member=member if about_her else None)
    for name, permission, *numbers in pages_of_koc.posted_to(made):
        yield Page(name=name, address=reverse(name, args=numbers), permission=permission, posted=True)


def _of_imports(job: int, uploaded: int) -> Iterator[Page]:
    for name in ("admin:intake_progress", "admin:intake_rejects", "admin:intake_importjob_change"):
        for number in (job, uploaded):
            yield Page(
                name=name,
                address=reverse(name, args=(number,)),
                permission="intake.view_importjob",
                refuses=frozenset({403, 404}),
            )
    again = reverse("admin:intake_importjob_change", args=(uploaded,)) + "?again=1"
    yield Page(name="again", address=again, permission="intake.view_importjob", refuses=frozenset({403, 404}))


def _of_members(near: Member, far: Member) -> Iterator[Page]:
    for member in (near, far):
        for name, permission, *args in (
            ("admin:members_member_change", "members.view_member"),
            ("admin:members_member_edit", "members.change_member"),
            ("admin:members_member_part", "timeline.view_interaction", "timeline"),
            ("compliance:request_open", "compliance.add_subjectrequest"),
        ):
            yield Page(name=name, address=reverse(name, args=(member.pk, *args)), permission=permission, member=member)
        purchase = Purchase.objects.filter(member=member).earliest("pk").pk
        name = "admin:timeline_purchase_change"
        address = reverse(name, args=(purchase,))
        yield Page(
            name=name, address=address, permission="timeline.view_purchase", member=member, hidden=frozenset({302})
        )


def _posted(tag: int, job: int, notice: int) -> Iterator[Page]:
    view, key = SavedView.objects.earliest("pk").pk, ApiKey.objects.earliest("pk").pk
    task = _row(next(model for model in admin.site._registry if model._meta.model_name == "periodictask")).pk
    pack = AuditPack.objects.create(reason="planted", asked_by=User.objects.earliest("pk"), asked_at=timezone.now()).pk
    for name, permission, *args in (
        ("scrm:audit_pack_ask", "scrm.add_auditpack"),
        ("scrm:audit_pack_download", "scrm.add_auditpack", pack),
        ("segments:run", "segments.change_tier"),
        ("segments:preview", "segments.change_tier"),
        ("segments:audience_draft", "segments.change_audience"),
        ("segments:audience_estimate", "segments.change_audience"),
        ("segments:audience_act", "segments.change_audience", Audience.objects.earliest("pk").pk, "archive"),
        ("segments:tag_count", "segments.change_tag"),
        ("segments:tag_delete", "segments.delete_tag", tag),
        ("admin:accounts_key_revoke", "accounts.change_apikey", key),
        ("admin:accounts_notice_open", ANYBODY, notice),
        ("admin:accounts_notice_read_all", ANYBODY),
        ("admin:members_member_act", "segments.add_membertag", "tag"),
        ("admin:members_view_add", "members.add_savedview"),
        ("admin:members_view_delete", "members.delete_savedview", view),
        ("admin:intake_configure", "intake.add_importjob", job),
        ("admin:intake_cancel", "intake.add_importjob", job),
        ("admin:scrm_task_switch", "django_celery_beat.change_periodictask", task),
        *posted_to(Member.objects.earliest("pk")),
        *pages_of_campaigns.posted_to(),
        *pages_of_offers.posted_to(Member.objects.earliest("pk")),
        *pages_of_insights.posted_to(),
    ):
        yield Page(name=name, address=reverse(name, args=args), permission=permission, posted=True)


def _of_groups() -> Iterator[Page]:
    """Whatever shows one group is hidden from those who may not see it."""
    for name, permission, group, posted, *args in (*pages_of_groups.of_a_group(), *pages_of_moderation.of_a_group()):
        yield Page(name=name, address=reverse(name, args=args), permission=permission, group=group, posted=posted)


def _of_content() -> Iterator[Page]:
    slot, material = Slot.objects.earliest("pk").pk, Material.objects.earliest("pk").pk
    rule, template = CadenceRule.objects.earliest("pk").pk, FestivalTemplate.objects.earliest("pk").pk
    version = MaterialVersion.objects.earliest("pk").pk
    type_, festival = ContentType.objects.earliest("pk").pk, Festival.objects.earliest("pk").pk
    for name, permission, *args in (
        ("calendar", "view_slot"),
        ("gap", "view_slot", rule),
        ("plans", "view_slot"),
        ("plan", "add_slot", template),
        ("template_add", "change_cadencerule"),
        ("template", "change_cadencerule", template),
        ("series", "add_slot"),
        ("rules", "view_cadencerule"),
        ("cadence_add", "change_cadencerule"),
        ("cadence", "change_cadencerule", rule),
        ("type", "change_cadencerule", type_),
        ("reports", "view_livereport"),
        ("slot_add", "add_slot"),
        ("slot", "view_slot", slot),
        ("slot_edit", "change_slot", slot),
        ("materials", "view_material"),
        ("material_add", "add_material"),
        ("material", "view_material", material),
        ("material_version", "change_material", material),
    ):
        address = reverse(f"content:{name}", args=args)
        yield Page(name=f"content:{name}", address=address, permission=f"content.{permission}")
    file = reverse("content:material_file", args=(version,))
    yield Page(
        name="content:material_file", address=file, permission="content.view_material", answers=frozenset({404})
    )  # a text has no file
    for name, permission, *args in (
        ("slot_move", "change_slot", slot),
        ("slot_step", "change_slot", slot, "cancel"),
        ("material_archive", "change_material", material),
        ("settings", "change_cadencerule"),
        ("date_add", "change_cadencerule"),
        ("date_switch", "change_cadencerule", festival),
    ):
        address = reverse(f"content:{name}", args=args)
        yield Page(name=f"content:{name}", address=address, permission=f"content.{permission}", posted=True)
