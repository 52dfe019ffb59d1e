"""What every page of our own inside the admin shares."""

import csv
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.files.writing import safe_text
from core.reading import one_reading

View = Callable[..., HttpResponse]
SAFE = ("GET", "HEAD")


def page(permission: str) -> Callable[[View], View]:
    """A view for signed-in staff who hold `permission`; what only reads is one reading."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            with one_reading() if request.method in SAFE else nullcontext():
                response = view(request, *args, **kwargs)
            # The address of a form that was refused is opened again: by another language, a bookmark, a reload.
            if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method in SAFE:
                said = render(request, "405.html", status=response.status_code)
                said["Allow"] = response["Allow"]
                return said
            return response

        return admin.site.admin_view(guarded)

    return decorate


def in_frame(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **context}, status=status)


def as_csv(name: str, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """Figures (no personal data) as a file that Excel opens in Chinese: UTF-8 with a byte order mark.

    What people named, such as stores and metrics, is never a formula in it.
    """
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([safe_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return response
