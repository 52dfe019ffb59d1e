"""Versions of the lexicon: who changed what and why, what lies between two of them, the list as a file."""

import csv
import io
from collections.abc import Iterator, Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.pages import StaffRequest
from compliance.enums.content import Pack
from compliance.errors.content import LexiconNotChanged
from compliance.models import LexiconEntry, LexiconVersion
from compliance.models.lexicon import CONTENT
from compliance.selectors.lexicon import difference, latest_version
from compliance.services.lexicon import import_entries
from core.pages import as_csv, in_frame, page
from core.rules.whole import INTEGER, whole_in

PER_PAGE = 30
LARGEST_FILE = 4_000_000
MOST_ROWS = 50_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@page("compliance.view_lexiconentry")
@require_safe
def listing(request: StaffRequest) -> HttpResponse:
    versions = Paginator(LexiconVersion.objects.select_related("by"), PER_PAGE)
    context = {"title": _("Versions of the lexicon"), "page": versions.get_page(request.GET.get("page"))}
    return in_frame(request, "compliance/lexicon_versions.html", context)


@page("compliance.view_lexiconentry")
@require_safe
def diff(request: StaffRequest) -> HttpResponse:
    """Between `from` and `to`, whichever is older; without them, what the latest version changed."""
    latest = latest_version().number
    numbers = [_number(request.GET.get(name, "")) for name in ("from", "to")]
    after_number = max(number or latest for number in numbers)
    before_number = min(number or max(after_number - 1, 1) for number in numbers)
    before = get_object_or_404(LexiconVersion.objects.select_related("by"), number=before_number)
    after = get_object_or_404(LexiconVersion.objects.select_related("by"), number=after_number)
    found = difference(before, after)
    labels = dict(Pack.choices)
    context = {
        "title": _("Version %(before)d to %(after)d") % {"before": before.number, "after": after.number},
        "before": before,
        "after": after,
        "latest": latest,
        "difference": found,
        "packs_on": [labels[pack] for pack in found.packs_on],
        "packs_off": [labels[pack] for pack in found.packs_off],
    }
    return in_frame(request, "compliance/lexicon_diff.html", context)


@page("compliance.view_lexiconentry")
@require_safe
def export(request: StaffRequest) -> HttpResponse:
    """All phrases of a version as CSV, in the form that the import takes."""
    number = _number(request.GET.get("version", "")) or latest_version().number
    version = get_object_or_404(LexiconVersion, number=number)
    entries = LexiconEntry.objects.in_version(version.number).order_by("pack", "severity", "phrase")
    rows = ([_harmless(value) for value in row] for row in entries.values_list(*CONTENT))
    return as_csv(f"lexicon-v{version.number}", CONTENT, rows)


@page("compliance.change_lexiconentry")
@require_http_methods(["GET", "POST"])
def import_file(request: StaffRequest) -> HttpResponse:
    """A CSV with the columns of the export; all of it becomes one version, or nothing does."""
    if request.method == "GET":
        return _show(request)
    reason = request.POST.get("reason", "")
    try:
        done = import_entries(
            rows=list(_rows(request)),
            replace=request.POST.get("replace") == "1",
            reason=reason,
            by=request.user,
            now=timezone.now(),
        )
    except LexiconNotChanged as refused:
        return _show(request, reason=reason, errors=refused.fields, status=422)
    if done.version is None:
        messages.info(request, _("The lexicon says all of this already; no version was made."))
        return redirect("compliance:lexicon")
    words = _("%(added)d added, %(changed)d changed, %(removed)d ended, %(same)d as before: version %(version)d.")
    facts = {"added": done.added, "changed": done.changed, "removed": done.removed, "same": done.same}
    messages.success(request, words % {**facts, "version": done.version.number})
    return redirect("compliance:lexicon_versions")


def _rows(request: StaffRequest) -> Iterator[Mapping[str, str]]:
    """Rows by column name. Raises LexiconNotChanged for what is no such file."""
    file = request.FILES.get("file")
    if file is None or file.size is None or file.size > LARGEST_FILE:
        raise LexiconNotChanged(fields={"file": [_("Choose a CSV file of at most 4 MB.")]})
    reader = csv.DictReader(io.StringIO(_decoded(file.read()), newline=""))
    missing = [name for name in ("phrase", "pack", "severity") if name not in (reader.fieldnames or ())]
    if missing:
        words = _("The heading lacks: %(columns)s. Take the export as a pattern.")
        raise LexiconNotChanged(fields={"file": [words % {"columns": ", ".join(missing)}]})
    for number, row in enumerate(reader):
        if number >= MOST_ROWS:
            raise LexiconNotChanged(fields={"file": [_("At most 50,000 phrases.")]})
        yield {name: (row.get(name) or "").removeprefix("'") for name in CONTENT}


def _decoded(data: bytes) -> str:
    """UTF-8, or what Excel in Chinese writes."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise LexiconNotChanged(fields={"file": [_("The file is neither UTF-8 nor GB 18030.")]})


def _harmless(value: str) -> str:
    """No text that a spreadsheet would take for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value


def _number(text: str) -> int | None:
    return whole_in(text, most=INTEGER)


def _show(request: StaffRequest, *, reason: str = "", errors: object = None, status: int = 200) -> HttpResponse:
    context = {"title": _("Import phrases"), "reason": reason, "errors": errors or {}, "columns": CONTENT}
    return in_frame(request, "compliance/lexicon_import.html", {**context, "packs": Pack.choices}, status=status)
