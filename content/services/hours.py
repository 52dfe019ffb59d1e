"""At which hours the members of each saved audience are active: a snapshot a night, one statement for each."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from content.models import AudienceHours
from segments.enums import AudienceState
from segments.errors import AudienceInvalid
from segments.models import Audience
from segments.selectors.audiences import audience_statement

DAYS = 28
COUNT = """
WITH audience AS MATERIALIZED ({audience}),
counted AS (
    SELECT extract(hour FROM acts.occurred_at AT TIME ZONE %s)::integer AS hour, count(*) AS times
    FROM timeline_interaction AS acts JOIN audience USING (member_id)
    WHERE acts.occurred_at >= %s AND acts.occurred_at < %s GROUP BY 1
)
INSERT INTO content_audiencehours (audience_id, version, days, hours, counted_at)
SELECT %s, %s, %s, array(
    SELECT coalesce(counted.times, 0) FROM generate_series(0, 23) AS hour LEFT JOIN counted USING (hour) ORDER BY hour
), %s
ON CONFLICT (audience_id) DO UPDATE
SET version = EXCLUDED.version, days = EXCLUDED.days, hours = EXCLUDED.hours, counted_at = EXCLUDED.counted_at
"""


def count_audience_hours(*, now: datetime) -> int:
    """Count every audience in use, each in a transaction of its own; answers how many.

    One whose rule names what is gone keeps no hours: its refresh, every hour, says so to whoever looks after it.
    """
    counted = 0
    for audience in Audience.objects.filter(state=AudienceState.ACTIVE).order_by("pk"):
        try:
            count_hours_of(audience, now=now)
        except AudienceInvalid:
            AudienceHours.objects.filter(audience=audience).delete()
        else:
            counted += 1
    return counted


@transaction.atomic
def count_hours_of(audience: Audience, *, now: datetime) -> None:
    """The interactions of those who match now, of the last four weeks, by hour of the day where the brand is."""
    text, values = audience_statement(audience.rule, now=now)
    zone = ZoneInfo(settings.TIME_ZONE)
    since = now - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT.format(audience=text),
            [*values, zone.key, since, now, audience.pk, audience.version, DAYS, now],
        )
