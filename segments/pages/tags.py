"""Tags: groups, rules, who has them."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.pages import in_frame, page


@page("segments.view_tag")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    return in_frame(request, "segments/tags.html", {"title": _("Tags")})
