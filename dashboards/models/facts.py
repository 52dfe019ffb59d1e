"""The facts that the product's own apps count, for formulas of metrics."""

# ruff: noqa: S608  # the text of the SQL comes from this project alone; every value is a bound parameter

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dashboards.rules.retention_sql import RETURN_DAYS, RETURN_TOLD, arrivals, came_back
from timeline.enums import InteractionKind
from timeline.models import Fact, FactSource, fact_sources, facts

CLICK_DAYS = 7
_FROM = "%(first)s::date::timestamp AT TIME ZONE %(zone)s"
_UNTIL = "(%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s"

SOURCES = (
    FactSource(
        code="purchases",
        rows="""
            SELECT member_id, day, orders, coupon_orders, amount::float8 AS amount FROM timeline_purchaseday
            WHERE day BETWEEN %(first)s::date AND %(last)s::date
        """,
        since="SELECT min(day) FROM timeline_purchaseday",
    ),
    FactSource(
        code="interactions",
        rows="""
            SELECT member_id, day, kind, count FROM timeline_interactionday
            WHERE day BETWEEN %(first)s::date AND %(last)s::date
        """,
        since="SELECT min(day) FROM timeline_interactionday",
    ),
    FactSource(
        code="touches",
        rows=f"""
            SELECT member_id, (occurred_at AT TIME ZONE %(zone)s)::date AS day FROM timeline_touch
            WHERE occurred_at >= {_FROM} AND occurred_at < {_UNTIL}
        """,
        since="SELECT (min(occurred_at) AT TIME ZONE %(zone)s)::date FROM timeline_touch",
    ),
    FactSource(
        code="activity",
        since="""
            SELECT least(
                (SELECT min(day) FROM timeline_purchaseday), (SELECT min(day) FROM timeline_interactionday),
                (SELECT (min(occurred_at) AT TIME ZONE %(zone)s)::date FROM timeline_touch)
            )
        """,
        needs=("purchases", "interactions", "touches"),
    ),
    FactSource(
        code="arrivals",
        rows=arrivals("%(first)s::date", "%(last)s::date"),
        since="SELECT (min(registered_at) AT TIME ZONE %(zone)s)::date FROM members_member",
        watched=True,
    ),
    FactSource(
        code="returns",
        rows=came_back(f"%(first)s::date - {RETURN_TOLD}", f"%(last)s::date - {RETURN_TOLD}", "{activity}"),
        since=f"SELECT (min(registered_at) AT TIME ZONE %(zone)s)::date + {RETURN_TOLD} FROM members_member",
        needs=("activity",),
        reach=RETURN_DAYS - 1,
        delay=RETURN_TOLD,
    ),
    # An order belongs to the last click before it, and to no other.
    FactSource(
        code="clicks",
        rows=f"""
            SELECT click.member_id, (click.at AT TIME ZONE %(zone)s)::date + {CLICK_DAYS} AS day, (
                SELECT count(*) FROM timeline_purchase AS bought
                WHERE bought.member_id = click.member_id AND bought.kind = 'order' AND bought.sold
                    AND bought.occurred_at >= click.at
                    AND bought.occurred_at < least(click.at + interval '{CLICK_DAYS * 24} hours', click.next_at)
            ) AS orders
            FROM (
                SELECT member_id, at, lead(at) OVER (PARTITION BY member_id ORDER BY at, id) AS next_at
                FROM campaigns_linkclick
                WHERE bot = '' AND at < {_UNTIL}
                    AND at >= (%(first)s::date - {CLICK_DAYS})::timestamp AT TIME ZONE %(zone)s
            ) AS click
            WHERE click.at < (%(last)s::date - {CLICK_DAYS - 1})::timestamp AT TIME ZONE %(zone)s
        """,
        since=f"SELECT (min(at) AT TIME ZONE %(zone)s)::date + {CLICK_DAYS} FROM campaigns_linkclick WHERE bot = ''",
        delay=CLICK_DAYS,
    ),
    FactSource(
        code="participations",
        rows="""
            SELECT member_id, day FROM campaigns_participation
            WHERE day BETWEEN %(first)s::date AND %(last)s::date
        """,
        since="SELECT min(day) FROM campaigns_participation",
        watched=True,
    ),
    FactSource(
        code="credits",
        rows=f"""
            SELECT member_id, (occurred_at AT TIME ZONE %(zone)s)::date AS day, net FROM campaigns_attribution
            WHERE occurred_at >= {_FROM} AND occurred_at < {_UNTIL}
        """,
        since="SELECT (min(occurred_at) AT TIME ZONE %(zone)s)::date FROM campaigns_attribution",
        watched=True,
    ),
)
#: A source → the watched one that it is told from, `delay` days later: what changes there changes it too.
TOLD_FROM = {"returns": "arrivals"}
_DELIVERIES = _("Messages are not sent from here yet: nothing reports what was delivered and opened.")
BUILT_IN_FACTS = (
    Fact(
        code="revenue",
        label=_("net revenue"),
        words=_("Orders less refunds, in yuan, each on its own day"),
        source="purchases",
        value="sum(amount)",
        unit="¥",
        order=10,
    ),
    Fact(
        code="orders",
        label=pgettext_lazy("fact", "orders"),
        words=_("Orders with at least one line sold"),
        source="purchases",
        value="sum(orders)",
        order=11,
    ),
    Fact(
        code="coupon_orders",
        label=_("orders with a coupon"),
        words=_("Orders on which a coupon stands"),
        source="purchases",
        value="sum(coupon_orders)",
        order=12,
    ),
    Fact(
        code="buyers",
        label=_("members who ordered"),
        words=_("Members with at least one order"),
        source="purchases",
        value="(sum(orders) > 0)::int",
        order=13,
    ),
    Fact(
        code="active_members",
        label=_("members with a fact"),
        words=_("Members of whom anything was recorded: a purchase, an interaction or where they came from"),
        source="activity",
        value="1",
        order=20,
    ),
    Fact(
        code="new_members",
        label=_("members who came"),
        words=_("Members by their registration, or by their first fact where that is unknown"),
        source="arrivals",
        value="1",
        order=21,
    ),
    Fact(
        code="matured_members",
        label=_("members who registered 36 days before"),
        words=_("Members for whom the 30th to the 36th day after their registration are over on a day of the window"),
        source="returns",
        value="1",
        order=22,
    ),
    Fact(
        code="returned_members",
        label=_("of these, members with a fact 30 to 36 days after"),
        words=_("Those of them of whom anything was recorded from the 30th to the 36th day after their registration"),
        source="returns",
        value="max(is_back::int)",
        order=23,
    ),
    Fact(
        code="tracked_clicks",
        label=_("tracked clicks"),
        words=_("Clicks of members on tracked links, told when their 7 days are over; programs are left out"),
        source="clicks",
        value="count(member_id)",
        beside="unknown_clicks",
        order=30,
    ),
    Fact(
        code="unknown_clicks",
        label=_("clicks of people who are not known"),
        words=_("Clicks on tracked links that lead to no member, so to no order either"),
        source="clicks",
        value="count(*) - count(member_id)",
        order=31,
    ),
    Fact(
        code="click_orders",
        label=_("orders within 7 days of a click"),
        words=_("Orders up to 7 × 24 hours after a tracked click, each once, for the last click before it"),
        source="clicks",
        value="sum(orders)",
        order=32,
    ),
    Fact(
        code="participants",
        label=_("members who took part in an activity"),
        words=_("Members with at least one participation"),
        source="participations",
        value="1",
        order=40,
    ),
    Fact(
        code="credited_orders",
        label=_("orders credited to activities"),
        words=_("Orders by coupon, by code or within the window after taking part"),
        source="credits",
        value="count(*)",
        order=41,
    ),
    Fact(
        code="credited_revenue",
        label=_("net revenue credited to activities"),
        words=_("Credited orders less their refunds, in yuan, on the day of the order"),
        source="credits",
        value="sum(net)",
        unit="¥",
        order=42,
    ),
    Fact(
        code="messages_delivered",
        label=_("messages delivered"),
        words=_("Messages that can report opens, and arrived"),
        lacks=_DELIVERIES,
        order=50,
    ),
    Fact(
        code="messages_opened",
        label=_("messages opened"),
        words=_("Delivered messages that were opened"),
        lacks=_DELIVERIES,
        order=51,
    ),
    Fact(
        code="interactions",
        label=pgettext_lazy("fact", "interactions"),
        words=_("Everything that members did other than buying"),
        source="interactions",
        value="sum(count)",
        order=60,
    ),
    *(
        Fact(
            code=f"did_{kind}",
            label=kind.label,
            words=_("Interactions of this kind"),
            source="interactions",
            value=f"coalesce(sum(count) FILTER (WHERE kind = '{kind}'), 0)",
            order=61 + place,
        )
        for place, kind in enumerate(InteractionKind)
    ),
)
fact_sources.register_all(SOURCES)
facts.register_all(BUILT_IN_FACTS)
