"""Where WeCom calls us: the address is proved, a callback is stored, and the answer is given at once."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from wecom.enums import Refusal
from wecom.errors import CallbackRefused
from wecom.services.receiving import MAX_BYTES, answer_to_check, count_refusal, receive

PLAIN = "text/plain; charset=utf-8"


@csrf_exempt  # whoever calls proves it by the signature; there is no session
@never_cache
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest, app_id: int) -> HttpResponse:
    """GET proves the address with exactly the text that was asked for; POST is answered `success` once it is stored.

    What is refused is answered 403 with its reason as a word. The platform asks again after any other answer than 200.
    """
    now, query = timezone.now(), request.GET.dict()
    try:
        if request.method == "GET":
            return HttpResponse(answer_to_check(app_id=app_id, query=query, now=now), content_type=PLAIN)
        if not _fits(request):
            count_refusal(app_id=app_id, reason=Refusal.TOO_LARGE, now=now)
            return _refused(Refusal.TOO_LARGE)
        receive(app_id=app_id, query=query, body=request.body, now=now)
    except CallbackRefused as refused:
        return _refused(refused.reason)
    return HttpResponse("success", content_type=PLAIN)


def _refused(reason: str) -> HttpResponse:
    return HttpResponse(reason, status=403, content_type=PLAIN)


def _fits(request: HttpRequest) -> bool:
    """Before it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) <= MAX_BYTES
