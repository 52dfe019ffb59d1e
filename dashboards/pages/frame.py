"""What every page of results shares: the admin's frame, who may look, and whose members are counted."""

import csv
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.enums import Reach
from accounts.models import User
from members.models import Member

View = Callable[..., HttpResponse]


def page(permission: str) -> Callable[[View], View]:
    """A view for signed-in staff who hold `permission`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return admin.site.admin_view(guarded)

    return decorate


def scope_of(user: User) -> QuerySet[Member] | None:
    """The members whose figures this user may see; None means everybody, which spares a join."""
    return None if user.reach == Reach.ALL else Member.objects.visible_to(user)


def in_frame(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **context})


def as_csv(name: str, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """Figures (no personal data) as a file that Excel opens in Chinese: UTF-8 with a byte order mark."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows(rows)
    return response
