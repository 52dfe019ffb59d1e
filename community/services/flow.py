"""Who came and who went, by day."""

from django.conf import settings
from django.db import connection

from community.models import Group
from community.rules.message_sql import COUNT_FLOW


def count_flow_of(*groups: Group) -> None:
    """The days on which somebody of these groups came or went, anew from the stays."""
    count_flow([group.pk for group in groups])


def count_flow(group_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT_FLOW, {"zone": settings.TIME_ZONE, "groups": group_ids})
