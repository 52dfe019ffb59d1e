"""The copy that a person takes along (PIPL Art. 45): a page to read, the same as JSON, and files, in one archive. Kept nowhere."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import User
from audit.services import record
from compliance.enums.rights import RequestKind, RequestState
from compliance.errors.rights import IdentityNotChecked, NoCopyDue
from compliance.models import SubjectRequest
from compliance.services.erasure import handlers, records_of
from compliance.services.explaining import explanations_for
from core.errors import Text, TooManyRequests
from core.services.rate_limits import Rate, take
from members.models import Member
from members.services.revealing import require_approval

#: How long after the answer the copy can be made once more: she may not have got it.
AFTERWARDS = timedelta(days=7)
PER_HOUR = Rate(burst=10, per_second=10 / 3600)


def everything_about(member_id: int) -> list[tuple[str, Text, Mapping[str, Any]]]:
    """(code, label, data) of each app; records merged into hers are joined to hers."""
    subject_ids = records_of(member_id)
    found: list[tuple[str, Text, Mapping[str, Any]]] = []
    for handler in handlers():
        joined: dict[str, list[Any]] = {}
        for subject_id in subject_ids:
            for name, rows in handler.export(subject_id).items():
                joined.setdefault(name, []).extend(rows)
        filled = {name: rows for name, rows in joined.items() if rows}
        if filled:
            found.append((handler.code, handler.label or handler.code, filled))
    return found


def files_about(member_id: int) -> Iterator[tuple[str, bytes]]:
    for handler in handlers():
        if handler.files is not None:
            for subject_id in records_of(member_id):
                yield from handler.files(subject_id)


def is_copy_due(request: SubjectRequest, *, now: datetime) -> bool:
    """Whether a copy answers this request: asked for, its maker recognised, open or answered a few days ago."""
    if request.kind != RequestKind.ACCESS:
        return False
    if request.state == RequestState.DONE:
        return request.closed_at is not None and now - request.closed_at <= AFTERWARDS
    return request.state == RequestState.VERIFIED


def make_copy(*, request: SubjectRequest, by: User, now: datetime) -> bytes:
    """The archive, made anew each time, in the language of the answer. Call it outside of a transaction.

    Raises IdentityNotChecked, for nothing is given to a stranger, NoCopyDue, ApprovalNeeded where she is a minor and
    nobody else has agreed, and TooManyRequests.
    """
    if request.state == RequestState.RECEIVED:
        raise IdentityNotChecked
    if not is_copy_due(request, now=now):
        raise NoCopyDue
    records = Member.objects.filter(pk__in=records_of(request.member_id))
    for member in records:
        require_approval(member=member, reason=str(request), by=by, now=now)
    wait = take(f"copy:{by.pk}", PER_HOUR)
    if wait:
        raise TooManyRequests(retry_after=wait)
    with translation.override(request.language):
        parts = everything_about(request.member_id)
        page = _page(request, parts, now)
    data = {"format": 1, "made_at": now.isoformat(), "data": {code: rows for code, _label, rows in parts}}
    texts = {"copy.html": page, "copy.json": json.dumps(data, ensure_ascii=False, indent=1, default=str)}
    archive = _archive(
        [*texts.items(), *((f"files/{name}", content) for name, content in files_about(request.member_id))]
    )
    with transaction.atomic():
        SubjectRequest.objects.filter(pk=request.pk).update(copied_at=now)
        changes: dict[str, list[Any]] = {
            "member": [None, request.member_id],
            "parts": [None, [code for code, _label, _rows in parts]],
        }
        record(by=by, action="compliance.copy_made", obj=request, changes=changes, at=now)
    return archive


def _page(request: SubjectRequest, parts: Sequence[tuple[str, Text, Mapping[str, Any]]], now: datetime) -> str:
    context = {
        "parts": [(label, [(name, _table(rows)) for name, rows in data.items()]) for _code, label, data in parts],
        "explanations": explanations_for(request.member_id),
        "made_at": timezone.localtime(now),
    }
    return render_to_string("compliance/copy.html", context)


def _table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return {"columns": columns, "rows": [[_shown(row.get(name)) for name in columns] for row in rows]}


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _archive(files: Iterable[tuple[str, str | bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()
