"""The page behind "unsubscribe": looking changes nothing, one tap refuses. Mail programs post to it themselves (RFC 8058)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.context import current_origin
from core.errors import NotFound
from core.services.rate_limits import Rate, take
from messaging.services.refusing import member_of_refusal
from messaging.services.refusing import refuse as take_refusal

RATE = Rate(burst=40, per_second=0.5)
PAGE = "messaging/refuse.html"


@csrf_exempt  # who holds the link may refuse, and can do nothing else with it; a mail program has no cookie
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, token: str) -> HttpResponse:
    wait = take(f"refuse:{current_origin().address}", RATE)
    if wait:
        return render(request, PAGE, {"state": "slow"}, status=429)
    try:
        if request.method == "POST":
            take_refusal(token=token, now=timezone.now())
            return render(request, PAGE, {"state": "done"})
        member_of_refusal(token)
    except NotFound:
        return render(request, PAGE, {"state": "gone"}, status=404)
    return render(request, PAGE, {"state": "ask"})
