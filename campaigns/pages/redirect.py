"""Where a short link leads: the only page of campaigns that members meet."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.rules.bots import bot_reason
from campaigns.services.clicks import click
from campaigns.services.links import member_of


@never_cache
@require_safe
def follow(request: HttpRequest, code: str, token: str = "") -> HttpResponse:
    """Count the click and send the browser on. A token that is not ours counts as nobody's."""
    destination = click(
        code=code,
        member_id=member_of(code, token) if token else None,
        bot=bot_reason(request.method or "", request.headers),
        now=timezone.now(),
    )
    if destination is None:
        return render(request, "campaigns/link_closed.html", status=404)
    return HttpResponseRedirect(destination, headers={"X-Robots-Tag": "noindex"})
