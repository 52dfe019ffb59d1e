"""The material library: new things, new versions, their review, their files."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import NoticeLevel
from accounts.models import User
from accounts.services import send_notice
from audit.services import record
from compliance.services.reviewables import Part, Reviewable, names_of, reviewables
from compliance.services.reviews import read_text
from content.enums import MaterialKind, SlotState
from content.errors import MaterialNotSaved
from content.models import Material, MaterialVersion, Slot
from content.rules.links import is_web_address
from content.selectors.slots import KIND
from content.services.files import Kept, keep_file
from content.services.lengths import too_long

LONGEST_TITLE, LONGEST_TEXT, LONGEST_LINK = 120, 20_000, 1000
BACK = (SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.SCHEDULED)


@dataclass(frozen=True, kw_only=True)
class Body:
    """What a version says and shows. Without a `file` the one of the version before stays."""

    title: str
    text: str = ""
    link: str = ""
    app_id: str = ""
    app_path: str = ""
    file: "UploadedFile[bytes] | None" = None


@transaction.atomic
def create_material(*, kind: str, body: Body, by: User, now: datetime) -> MaterialVersion:
    """Put something new into the library, as its first version. Raises MaterialNotSaved."""
    if kind not in MaterialKind.values:
        raise MaterialNotSaved(fields={"kind": [_("Choose one of the kinds.")]})
    _check(kind, body, has_file=False)
    material = Material.objects.create(title=body.title.strip(), kind=kind, owner=by, created_at=now, changed_at=now)
    record(by=by, action="content.material.create", obj=material, changes={"kind": [None, kind]}, at=now)
    return _add_version(material, body, None, by=by, now=now)


@transaction.atomic
def add_version(*, material: Material, body: Body, by: User, now: datetime) -> MaterialVersion:
    """The next version; the same once more is no new one. Slots keep the version that they have."""
    material = Material.objects.select_for_update().get(pk=material.pk)
    if material.is_archived:
        raise MaterialNotSaved(_("This material is archived."))
    latest = material.versions.order_by("-number").first()
    _check(material.kind, body, has_file=bool(latest and latest.file_digest))
    return _add_version(material, body, latest, by=by, now=now)


@transaction.atomic
def archive_material(*, material: Material, archived: bool, by: User | None, now: datetime) -> Material:
    """Take it out of the choices, or put it back; slots that have it keep it."""
    material = Material.objects.select_for_update().get(pk=material.pk)
    was, material.is_archived, material.changed_at = material.is_archived, archived, now
    material.save(update_fields=["is_archived", "changed_at"])
    changes = {"is_archived": [was, archived]}
    record(by=by, action="content.material.archive", obj=material, changes=changes, at=now)
    return material


def _add_version(
    material: Material, body: Body, latest: MaterialVersion | None, *, by: User, now: datetime
) -> MaterialVersion:
    kept = keep_file(material.kind, body.file) if body.file else _same_file(latest)
    version = MaterialVersion(
        material=material,
        number=(material.versions.aggregate(latest=Max("number"))["latest"] or 0) + 1,
        title=body.title.strip(),
        text=body.text.replace("\r\n", "\n").strip(),
        link=body.link.strip(),
        app_id=body.app_id.strip(),
        app_path=body.app_path.strip(),
        file_digest=kept.digest,
        file_name=kept.name,
        file_type=kept.mime,
        file_size=kept.size,
        by=by,
        at=now,
    )
    version.digest = digest_of(version)
    if latest and latest.digest == version.digest:
        return latest
    version.save(force_insert=True)
    material.title, material.changed_at = version.title, now
    material.save(update_fields=["title", "changed_at"])
    changes: dict[str, list[Any]] = {"number": [None, version.number], "digest": [None, version.digest]}
    record(by=by, action="content.material.version", obj=version, changes=changes, at=now)
    read_text(kind=KIND, object_id=version.pk, title=version.title, by=by, now=now)
    return version


def digest_of(version: MaterialVersion) -> str:
    """SHA-256 over everything that members would see."""
    names = ("title", "text", "link", "app_id", "app_path", "file_digest")
    plain = [[name, getattr(version, name)] for name in names]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()


def _same_file(latest: MaterialVersion | None) -> Kept:
    if latest is None:
        return Kept()
    return Kept(digest=latest.file_digest, name=latest.file_name, mime=latest.file_type, size=latest.file_size)


def _check(kind: str, body: Body, *, has_file: bool) -> None:
    texts = (body.title, body.text, body.link, body.app_id, body.app_path)
    needs_file = kind in {MaterialKind.PICTURE, MaterialKind.VIDEO, MaterialKind.FILE}
    wrong = {
        "title": not 0 < len(body.title.strip()) <= LONGEST_TITLE,
        "text": len(body.text) > LONGEST_TEXT or (kind == MaterialKind.TEXT and not body.text.strip()),
        "link": not _has_its_link(kind, body.link.strip()),
        "app_id": kind == MaterialKind.MINI_PROGRAM and not (body.app_id.strip() and body.app_path.strip()),
        "file": needs_file and not (body.file or has_file),
        "characters": any("\x00" in text for text in texts),
    }
    words = {
        "title": _("Between 1 and %(limit)d characters.") % {"limit": LONGEST_TITLE},
        "text": _("Between 1 and %(limit)d characters.") % {"limit": LONGEST_TEXT},
        "link": _("The full address that members can open, beginning with https://."),
        "app_id": _("A mini program needs its number and a page."),
        "file": _("Choose a file."),
        "characters": _("The text holds characters that cannot be stored."),
    }
    faults = {"text" if name == "characters" else name: [words[name]] for name, is_wrong in wrong.items() if is_wrong}
    faults = too_long(MaterialVersion, vars(body)) | faults
    if faults:
        raise MaterialNotSaved(fields=faults)


def _has_its_link(kind: str, link: str) -> bool:
    if not link:
        return kind != MaterialKind.LINK
    return len(link) <= LONGEST_LINK and is_web_address(link)


def parts_of(object_id: int) -> Sequence[Part]:
    """What the reviewer reads; of a file its name and fingerprint, so that another file is another text."""
    version = MaterialVersion.objects.get(pk=object_id)
    given = (
        ("title", version.title),
        ("text", version.text),
        ("link", version.link),
        ("page", version.app_path),
        ("file", f"{version.file_name} {version.file_digest[:16]}".strip()),
    )
    return [Part(name=name, text=text) for name, text in given if text]


def _page(object_id: int) -> str:
    number = MaterialVersion.objects.filter(pk=object_id).values_list("material", flat=True).first()
    return reverse("content:material", args=(number,)) if number else ""


def _approved(object_id: int) -> None:
    """Slots that waited for it go on."""
    _move_slots(object_id, (SlotState.IN_REVIEW,), SlotState.APPROVED, "content.slot.approve")


def _withdrawn(object_id: int) -> None:
    """What was planned with it falls back to draft, and its owners hear of it."""
    now = timezone.now()
    for slot in _move_slots(object_id, BACK, SlotState.DRAFT, "content.slot.fall_back"):
        send_notice(
            to=[slot.owner],
            key=f"slot-{slot.pk}-back-{now.isoformat()}",
            title=_("Back to draft: %(title)s") % {"title": slot.title},
            body=_("Its material is no longer approved. Revise it, or choose another one."),
            url=reverse("content:slot", args=(slot.pk,)),
            level=NoticeLevel.ACT,
            now=now,
        )


def _move_slots(object_id: int, states: Sequence[SlotState], state: SlotState, action: str) -> list[Slot]:
    """Called inside the transaction of the review's decision, which has no clock of its own to give."""
    now = timezone.now()
    slots = Slot.objects.select_for_update(of=("self",)).filter(version=object_id, state__in=states)
    found = list(slots.select_related("owner").order_by("pk"))
    for slot in found:
        was, slot.state, slot.changed_at = slot.state, state, now
        slot.save(update_fields=["state", "changed_at"])
        record(by=None, action=action, obj=slot, changes={"state": [was, state.value]}, at=now)
    return found


reviewables.register(
    Reviewable(
        code=KIND,
        label=gettext_lazy("Material"),
        names={
            **names_of(MaterialVersion, "title", "text", "link"),
            "page": gettext_lazy("page of the mini program"),
            "file": gettext_lazy("file name"),
        },
        parts=parts_of,
        url=_page,
        approved=_approved,
        withdrawn=_withdrawn,
        order=20,
    )
)
