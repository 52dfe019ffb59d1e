"""Messages of which nobody knows what became of them."""

from django.db.models import QuerySet

from accounts.models import User
from messaging.enums import DeliveryState
from messaging.models import Delivery


def doubts(user: User) -> QuerySet[Delivery]:
    """Of members whom `user` may see, and of those who were forgotten since; the oldest first."""
    rows = Delivery.objects.filter(state=DeliveryState.UNKNOWN)
    seen: QuerySet[Delivery] = rows.filter(member=None) | rows.filter(pk__in=rows.visible_to(user).values("pk"))
    return seen.select_related("send__gateway", "member").order_by("begun_at", "pk")
