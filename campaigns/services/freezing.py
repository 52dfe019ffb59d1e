"""Freezing an audience: whoever matches at the moment of the start is in the activity, by one statement."""

from datetime import datetime

from django.db import connection

from campaigns.models import Activity
from segments.models import Audience
from segments.selectors.audiences import audience_statement

_FREEZE = """
INSERT INTO campaigns_activitymember (activity_id, member_id) SELECT %s, member_id FROM ({audience}) AS found
"""


def freeze(*, activity: Activity, audience: Audience, now: datetime) -> int:
    """Answers how many; inside the transaction of the start. Raises AudienceInvalid where the rule names what is gone."""
    statement, values = audience_statement(audience, now=now)
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE.format(audience=statement), [activity.pk, *values])
        return int(cursor.rowcount)
