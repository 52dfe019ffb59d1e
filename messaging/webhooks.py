"""What gateways tell us: `/hooks/messages/<code>/replies/` and `/receipts/`, signed with the gateway's secret.

Two forms of signature are taken: ours with the moment inside (`messaging.rules.signing`, header X-Scrm-Signature), and the
plain HMAC of the body in the header that the gateway's settings name, as most gateways have it. A call played again does
no harm: replies are known by their numbers, and of receipts the first counts. Each is taken by itself, so that two calls at
once never wait for each other in a circle; where one of them fails the call fails, and the gateway offers all of them again.
"""

import hmac
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.context import current_origin
from core.services.rate_limits import Rate, take
from messaging.models import Gateway
from messaging.rules.incoming import (
    INBOUND,
    RECEIPTS,
    delivered_of,
    names_of,
    receipts_of,
    replies_of,
)
from messaging.rules.signing import digest, is_signed
from messaging.selectors.setups import setup_of
from messaging.services.inbound import InboundIn, take_inbound
from messaging.services.receipts import ReceiptIn, take_receipt

MAX_BODY = 1_000_000
#: Calls of one address whose signature does not fit: who guesses is slowed down.
GUESSES = Rate(burst=20, per_second=0.2)
Hook = Callable[[Gateway, Any], dict[str, int]]


def hook(handle: Hook) -> Callable[..., HttpResponse]:
    """POST from a gateway that knows its secret: 403 otherwise, and for a gateway that there is not; 400 without JSON."""

    @csrf_exempt
    @require_POST
    @wraps(handle)
    def view(request: HttpRequest, code: str) -> HttpResponse:
        body = request.read(MAX_BODY + 1)
        gateway = Gateway.objects.filter(code=code).first()
        if gateway is None or len(body) > MAX_BODY or not _is_of(gateway, request, body):
            wait = take(f"hooks:{current_origin().address}", GUESSES)
            return JsonResponse({"error": "not_signed"}, status=429 if wait else 403)
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            return JsonResponse({"error": "not_json"}, status=400)
        return JsonResponse(handle(gateway, said))

    return view


def _is_of(gateway: Gateway, request: HttpRequest, body: bytes) -> bool:
    secret = setup_of(gateway).secret
    if not secret:
        return False
    if is_signed(secret, body, request.headers.get("X-Scrm-Signature", ""), seconds=int(timezone.now().timestamp())):
        return True
    name = gateway.settings.get("signature", "X-Signature")
    given = request.headers.get(name if isinstance(name, str) else "", "")
    return hmac.compare_digest(digest(secret, body).encode(), given.strip().lower().encode())


@hook
def replies(gateway: Gateway, said: Any) -> dict[str, int]:
    now = timezone.now()
    found = replies_of(said, names_of(gateway.settings, "inbound", INBOUND))
    taken = [
        take_inbound(
            gateway=gateway,
            inbound=InboundIn(
                sender=reply.sender,
                text=reply.text,
                key=reply.key or digest(gateway.code, f"{reply.sender}\n{reply.text}\n{reply.at}".encode())[:32],
                at=reply.at or now,
            ),
            now=now,
        )
        for reply in found
    ]
    return {"taken": len(taken), "refusals": sum(each.refused for each in taken)}


@hook
def receipts(gateway: Gateway, said: Any) -> dict[str, int]:
    now = timezone.now()
    delivered = delivered_of(gateway.settings)
    known = [
        take_receipt(
            gateway=gateway,
            receipt=ReceiptIn(
                reference=told.reference,
                external_id=told.external_id,
                delivered=told.state in delivered,
                error="" if told.state in delivered else f"told_{told.state}",
            ),
            now=now,
        )
        for told in receipts_of(said, names_of(gateway.settings, "receipts", RECEIPTS))
    ]
    return {"taken": len(known), "known": sum(known)}
