"""The UGC library: pieces offered, reviewed, used, and taken out of use when consent or rights are over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import NoticeLevel
from accounts.models import User
from accounts.services import send_notice
from audit.services import record
from community.enums.ugc import OUT_OF_USE, Scope, UgcKind, UgcSource, UgcState
from community.errors.ugc import NotAgreed, RightsOver, UgcNotValid, UgcStateWrong
from community.models import Delivery, Koc, Ugc, UgcUse, WorkFile
from community.selectors.ugc import (
    LIVE,
    consent_to_publish,
    ended_pieces,
    is_over,
    restricted_pieces,
    uses_of,
    withdrawn_pieces,
)
from community.services.work_files import as_upload, keep_work_file, recognised
from compliance.enums.content import ReviewState
from compliance.services.reviewables import Part, Reviewable, names_of, reviewables
from compliance.services.reviews import drop, read_text
from compliance.services.reviews import submit as submit_text
from content.enums import MaterialKind, ShownOn
from content.models import Material, MaterialLimit, MaterialLimits, Slot, material_limits
from content.rules.links import is_web_address
from content.selectors.slots import KIND as MATERIAL
from content.services.materials import Body, archive_material, create_material
from core.services.surprises import Surprises, each_by_itself
from members.models import Member

KIND = "ugc"
LONGEST_TITLE, LONGEST_TEXT, LONGEST_LINK = 80, 10_000, 1000
MATERIALS = {
    UgcKind.TEXT: MaterialKind.TEXT,
    UgcKind.PICTURE: MaterialKind.PICTURE,
    UgcKind.VIDEO: MaterialKind.VIDEO,
    UgcKind.LINK: MaterialKind.LINK,
}
SCOPES = Scope.values
PLACES = {
    Scope.PRIVATE: frozenset({ShownOn.OWN}),
    Scope.PUBLIC: frozenset({ShownOn.OWN, ShownOn.PUBLIC}),
    Scope.ADS: frozenset(ShownOn),
}
PICTURES, VIDEOS = "image/", "video/"


@dataclass(frozen=True, kw_only=True)
class UgcIn:
    """One piece as it is offered."""

    kind: str
    title: str
    text: str = ""
    link: str = ""
    file: "UploadedFile[bytes] | None" = None
    scope: str = Scope.PRIVATE
    until: date | None = None
    source: UgcSource
    source_key: str = ""


@transaction.atomic
def offer_ugc(
    *,
    member: Member,
    piece: UgcIn,
    kept: WorkFile | None = None,
    delivery: Delivery | None = None,
    by: User | None,
    now: datetime,
) -> Ugc:
    """Keep a piece. The same `source_key` of the same source once more is the same piece. Raises UgcNotValid."""
    if piece.source_key:
        held: Ugc | None = Ugc.objects.filter(source=piece.source, source_key=piece.source_key).first()
        if held is not None:
            return held
    mime = kept.mime if kept is not None else recognised(piece.file).mime if piece.file is not None else ""
    _check(piece, mime, timezone.localdate(now))
    if kept is None and piece.file is not None:
        kept = keep_work_file(member_id=member.pk, file=piece.file, now=now)
    made: Ugc = Ugc.objects.create(
        member=member,
        koc=Koc.objects.standing().filter(member=member).first(),
        delivery=delivery,
        source=piece.source,
        source_key=piece.source_key,
        kind=piece.kind,
        title=_plain(piece.title),
        text=_plain(piece.text),
        link=piece.link.strip(),
        file=kept,
        scope=piece.scope,
        until=piece.until,
        consent_event=consent_to_publish(member.pk),
        offered_at=now,
        changed_at=now,
        by=by,
    )
    changes: dict[str, list[Any]] = {
        "kind": [None, made.kind],
        "scope": [None, made.scope],
        "until": [None, made.until],
    }
    record(by=by, action="community.offer_ugc", obj=made, changes=changes, at=now)
    return made


@transaction.atomic
def change_rights(*, ugc: Ugc, scope: str, until: date | None, by: User, now: datetime) -> Ugc:
    """Where and until when it may be shown, as agreed with her; another scope is reviewed anew. Raises UgcNotValid.

    A narrower one takes back what was made of it: it may be planned where she does not want it any more.
    """
    locked = _locked(ugc, *LIVE, UgcState.ENDED)
    if scope not in Scope.values or (until is not None and until < timezone.localdate(now)):
        field = "until" if scope in Scope.values else "scope"
        words = {"scope": _("Choose where it may be shown."), "until": _("Choose a day to come, or none.")}
        raise UgcNotValid(fields={field: [words[field]]})
    changes: dict[str, list[Any]] = {"scope": [locked.scope, scope], "until": [locked.until, until]}
    narrower = SCOPES.index(scope) < SCOPES.index(locked.scope)
    anew = locked.state == UgcState.ENDED or (scope != locked.scope and locked.state != UgcState.OFFERED)
    locked.scope, locked.until, locked.changed_at = scope, until, now
    if anew:
        locked.state, locked.ended_at = UgcState.OFFERED, None
    locked.save()
    if anew:
        drop(kind=KIND, object_id=locked.pk, by=by, now=now)
    if narrower:
        _take_uses_back(locked, by=by, now=now)
    record(by=by, action="community.change_ugc_rights", obj=locked, changes=changes, at=now)
    return locked


def submit_ugc(*, ugc: Ugc, by: User, now: datetime) -> Ugc:
    """Put it before the legal reviewer. Raises NotAgreed, RightsOver, and what the review refuses (WordsForbidden, …).

    Call it outside of a transaction: that its text was read stays when it is refused, with the place of its proofs.
    """
    with transaction.atomic():
        locked = _locked(ugc, UgcState.OFFERED, UgcState.RETURNED)
        _agreed(locked, now)
        read_text(kind=KIND, object_id=locked.pk, title=locked.title, by=by, now=now)
    return _submit(locked, by=by, now=now)


@transaction.atomic
def _submit(ugc: Ugc, *, by: User, now: datetime) -> Ugc:
    locked = _locked(ugc, UgcState.OFFERED, UgcState.RETURNED)
    locked.consent_event = _agreed(locked, now)
    was, locked.state, locked.changed_at = locked.state, UgcState.IN_REVIEW, now
    locked.save()
    review = read_text(kind=KIND, object_id=locked.pk, title=locked.title, by=by, now=now)
    if review.state != ReviewState.IN_REVIEW:  # handed on from the page of the review
        submit_text(review=review, by=by, now=now)
    changes: dict[str, list[Any]] = {"state": [was, locked.state.value], "consent_event": [None, locked.consent_event]}
    record(by=by, action="community.submit_ugc", obj=locked, changes=changes, at=now)
    return locked


@transaction.atomic
def use_ugc(*, ugc: Ugc, by: User, now: datetime) -> Material:
    """Make a material of it, which passes its own review before it is published. Raises NotAgreed, RightsOver."""
    locked = _locked(ugc, UgcState.APPROVED)
    _agreed(locked, now)
    body = Body(
        title=locked.audit_label,  # what is done with a material is recorded with its title
        text=locked.text,
        link=locked.link if locked.kind == UgcKind.LINK else "",
        file=as_upload(locked.file) if locked.file is not None else None,
    )
    version = create_material(kind=MATERIALS[UgcKind(locked.kind)], body=body, by=by, now=now)
    UgcUse.objects.create(ugc=locked, material=version.material, scope=locked.scope, at=now, by=by)
    changes: dict[str, list[Any]] = {
        "material": [None, version.material_id],
        "consent_event": [None, locked.consent_event],
    }
    record(by=by, action="community.use_ugc", obj=locked, changes=changes, at=now)
    return version.material


@transaction.atomic
def put_away(*, ugc: Ugc, reason: str, by: User, now: datetime) -> Ugc:
    """The brand does not want it, or not any more. Raises UgcNotValid without a reason."""
    if not reason.strip():
        raise UgcNotValid(fields={"reason": [_("Say why.")]})
    locked = _locked(ugc, *LIVE)
    _take_out(locked, UgcState.ARCHIVED, by=by, now=now, reason=reason)
    return locked


def sweep_rights(*, now: datetime) -> int:
    """Take out of use what its author no longer agrees to, what is over, and what may only be stored.

    Answers how many pieces. Whose restriction is lifted can agree anew, as after the last day of her rights.
    """
    today, surprises, done = timezone.localdate(now), Surprises(), 0
    rounds = (
        (UgcState.WITHDRAWN, withdrawn_pieces),
        (UgcState.ENDED, lambda: ended_pieces(today)),
        (UgcState.ENDED, restricted_pieces),
    )
    for state, find in rounds:
        with surprises.kept(f"UGC that is {state}"):
            done += _each(find(), state, now)
    surprises.raise_first()
    return done


def take_out_of_use(*, pieces: Iterable[Ugc], state: UgcState, by: User | None, now: datetime) -> int:
    """For whoever erases: inside a transaction, one by one."""
    done = 0
    for piece in pieces:
        if piece.state not in OUT_OF_USE:
            _take_out(piece, state, by=by, now=now)
            done += 1
    return done


def _each(numbers: Sequence[int], state: UgcState, now: datetime) -> int:
    """One transaction for each; one that somebody else holds is left to the next run."""
    return sum(each_by_itself(numbers, lambda number: _take_one_out(number, state, now)))


@transaction.atomic
def _take_one_out(number: int, state: UgcState, now: datetime) -> int:
    rows = Ugc.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=number, state__in=LIVE)
    for piece in rows:
        _take_out(piece, state, by=None, now=now)
    return len(rows)


def _take_out(piece: Ugc, state: UgcState, *, by: User | None, now: datetime, reason: str = "") -> None:
    """Its materials go with it: archived, their approvals ended, what was planned with them back to draft."""
    changes: dict[str, list[Any]] = {"state": [piece.state, state.value]}
    piece.state, piece.ended_at, piece.changed_at = state, now, now
    piece.save(update_fields=["state", "ended_at", "changed_at"])
    drop(kind=KIND, object_id=piece.pk, by=by, now=now)
    slots = _take_uses_back(piece, by=by, now=now)
    record(
        by=by,
        action="community.take_ugc_out",
        obj=piece,
        changes={**changes, "slots": [None, [slot.pk for slot in slots]]},
        reason=reason,
        at=now,
    )


def _take_uses_back(piece: Ugc, *, by: User | None, now: datetime) -> list[Slot]:
    """Answers the slots that had them, whose owners are told."""
    slots = [slot for use in uses_of([piece]).get(piece.pk, ()) for slot in _take_back(use.use, use.slots, by, now)]
    if slots:
        _tell(piece, slots, now)
    return slots


def _take_back(use: UgcUse, slots: Sequence[Slot], by: User | None, now: datetime) -> Sequence[Slot]:
    if use.taken_out_at is not None:
        return ()
    use.taken_out_at = now
    use.save(update_fields=["taken_out_at"])
    if not use.material.is_archived:
        archive_material(material=use.material, archived=True, by=by, now=now)
    for number in use.material.versions.values_list("pk", flat=True):
        drop(kind=MATERIAL, object_id=number, by=by, now=now)
        reviewables.get(MATERIAL).withdrawn(number)
    return slots


def _tell(piece: Ugc, slots: Sequence[Slot], now: datetime) -> None:
    names = "; ".join(f"{slot.title} ({slot.get_state_display()})" for slot in slots)
    send_notice(
        to=list({slot.owner_id: slot.owner for slot in slots}.values()),
        key=f"ugc-{piece.pk}-out-{now.isoformat()}",
        title=_("UGC may not be used any more: %(title)s") % {"title": piece.title},
        body=(_("It stands in: %(names)s. Take down what is published.") % {"names": names})[:1000],
        url=reverse("community:ugc_piece", args=(piece.pk,)),
        level=NoticeLevel.ACT,
        now=now,
    )


def _locked(ugc: Ugc, *states: UgcState) -> Ugc:
    rows = Ugc.objects.select_for_update(of=("self",)).select_related("file", "member")
    locked: Ugc = rows.get(pk=ugc.pk)
    if locked.state not in states:
        raise UgcStateWrong
    return locked


def _agreed(piece: Ugc, now: datetime) -> int:
    """The consent event by which it may be shown now. Raises NotAgreed, RightsOver."""
    event = consent_to_publish(piece.member_id) if piece.member_id else None
    if event is None:
        raise NotAgreed
    if is_over(piece, timezone.localdate(now)):
        raise RightsOver
    return event


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _check(piece: UgcIn, mime: str, today: date) -> None:
    """Raises UgcNotValid with every field at fault."""
    link = piece.link.strip()
    wrong = {
        "kind": piece.kind not in UgcKind.values,
        "title": not 0 < len(_plain(piece.title)) <= LONGEST_TITLE,
        "text": len(piece.text) > LONGEST_TEXT or (piece.kind == UgcKind.TEXT and not _plain(piece.text)),
        "link": (not link and piece.kind == UgcKind.LINK)
        or (bool(link) and (len(link) > LONGEST_LINK or not is_web_address(link))),
        "file": not _fits(piece.kind, mime),
        "scope": piece.scope not in Scope.values,
        "until": piece.until is not None and piece.until < today,
    }
    words = {
        "kind": _("Choose one of the kinds."),
        "title": _("Between 1 and %(limit)d characters.") % {"limit": LONGEST_TITLE},
        "text": _("Between 1 and %(limit)d characters.") % {"limit": LONGEST_TEXT},
        "link": _("The full address that members can open, beginning with https://."),
        "file": _("A picture needs a picture, a video an MP4 file."),
        "scope": _("Choose where it may be shown."),
        "until": _("Choose a day to come, or none."),
    }
    faults = {name: [words[name]] for name, is_wrong in wrong.items() if is_wrong}
    if faults:
        raise UgcNotValid(fields=faults)


def _fits(kind: str, mime: str) -> bool:
    starts = {UgcKind.PICTURE: PICTURES, UgcKind.VIDEO: VIDEOS}.get(UgcKind(kind)) if kind in UgcKind.values else None
    return starts is None or mime.startswith(starts)


def parts_of(object_id: int) -> Sequence[Part]:
    """What the reviewer reads; of a file its name and fingerprint, so that another file is another text."""
    piece = Ugc.objects.select_related("file").get(pk=object_id)
    file = piece.file
    given = (
        ("title", piece.title),
        ("text", piece.text),
        ("link", piece.link),
        ("scope", str(piece.scope)),
        ("file", f"{file.name} {file.digest[:16]}" if file else ""),
    )
    return [Part(name=name, text=text) for name, text in given if text]


def limit_of(material_id: int) -> MaterialLimit | None:
    """What the author of a piece agreed to, and a reviewer approved, holds for the material that was made of it.

    Her consent is asked each time: the sweep that takes out what is withdrawn comes some minutes later.
    """
    use = _use_of(material_id)
    if use is None:
        return None
    return MaterialLimit(until=use.ugc.until, places=PLACES[Scope(use.scope)], is_over=_may_not_stand(use))


def ask_to_take_down(material_id: int, slot: Slot, now: datetime) -> None:
    """For what was recorded as published after its use was over: it was in no calendar when its owner was told."""
    use = _use_of(material_id)
    if use is not None and _may_not_stand(use):
        _tell(use.ugc, [slot], now)


def _use_of(material_id: int) -> UgcUse | None:
    found: UgcUse | None = UgcUse.objects.select_related("ugc").filter(material=material_id).first()
    return found


def _may_not_stand(use: UgcUse) -> bool:
    is_out = use.taken_out_at is not None or use.ugc.state in OUT_OF_USE
    return is_out or use.ugc.member_id is None or consent_to_publish(use.ugc.member_id) is None


def _approved(object_id: int) -> None:
    """Called inside the transaction of the decision, which has no clock of its own to give."""
    _follow(object_id, (UgcState.IN_REVIEW,), UgcState.APPROVED, "community.approve_ugc")
    for piece in Ugc.objects.filter(pk=object_id, state=UgcState.APPROVED):
        piece.uses.filter(taken_out_at=None).update(scope=piece.scope)


def _withdrawn(object_id: int) -> None:
    _follow(object_id, (UgcState.IN_REVIEW, UgcState.APPROVED), UgcState.RETURNED, "community.return_ugc")


def _follow(object_id: int, states: Sequence[UgcState], state: UgcState, action: str) -> None:
    now = timezone.now()
    for piece in Ugc.objects.select_for_update().filter(pk=object_id, state__in=states):
        was, piece.state, piece.changed_at = piece.state, state, now
        piece.save(update_fields=["state", "changed_at"])
        record(by=None, action=action, obj=piece, changes={"state": [was, state.value]}, at=now)


material_limits.register(MaterialLimits(code=KIND, find=limit_of, published=ask_to_take_down))
reviewables.register(
    Reviewable(
        code=KIND,
        label=gettext_lazy("UGC"),
        names={**names_of(Ugc, "title", "text", "link", "scope"), "file": gettext_lazy("file")},
        choices={"scope": {scope.value: scope.label for scope in Scope}},
        parts=parts_of,
        url=lambda number: reverse("community:ugc_piece", args=(number,)),
        approved=_approved,
        withdrawn=_withdrawn,
        of_members=True,
        order=30,
    )
)
