"""WeCom's own statistics of members and groups, counted from what happened here."""

# ruff: noqa: S608  # what is put into a statement are question marks and names from this code

from collections import defaultdict

from wecom.simulator.acts.ledger import CUSTOMER
from wecom.simulator.call import Call
from wecom.simulator.clock import DAY, MINUTE, day_start
from wecom.simulator.endpoints.groups import owners
from wecom.simulator.errors import Json, refuse_if
from wecom.simulator.rules.shapes import integer, limit_to_most, span, strings
from wecom.simulator.store import Row, marks

SPAN, KEPT, PEOPLE, PAGE = 30 * DAY, 180 * DAY, 100, 1000


def _days(call: Call, start: str, end: str) -> range:
    first, last = span(call.args, start, end, most=SPAN)
    refuse_if(first < call.now - KEPT, 40058, f"{start} is too old")
    return range(day_start(first), day_start(last) + 1, DAY)


def behavior(call: Call) -> Json:
    """By day: talks, messages, answers, added and lost customers of those members together."""
    days = _days(call, "start_time", "end_time")
    users, parties = strings(call.args, "userid", most=PEOPLE), strings(call.args, "partyid", most=PEOPLE)
    people = call.world.people_of(call.corpid, users, [int(party) for party in parties if party.isdigit()])
    refuse_if(not people, 40063, "userid and partyid are empty")
    for userid in people:
        call.member(userid)
    return {"behavior_data": [{"stat_time": day, **_day(call, people, day)} for day in days]}


def _day(call: Call, people: list[str], day: int) -> Json:
    span_of = (*people, call.corpid, day, day + DAY)
    talk = f"SELECT * FROM message WHERE userid IN ({marks(people)}) AND corpid = ? AND at >= ? AND at < ? AND channel = 'chat' AND chat = 0 ORDER BY id"
    rows = call.world.store.rows(talk, *span_of)
    counts = f"SELECT count(*) FROM follow WHERE userid IN ({marks(people)}) AND corpid = ? AND createtime >= ? AND createtime < ?"
    lost = counts.replace("createtime", "deleted_at")
    found: Json = {"new_apply_cnt": call.world.store.value(counts, *span_of)}
    found["new_contact_cnt"] = call.world.store.value(counts + " AND half = 0", *span_of)
    return {**_talk(rows), **found, "negative_feedback_cnt": call.world.store.value(lost, *span_of)}


def _talk(rows: list[Row]) -> Json:
    talks: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        talks[row["userid"], row["person"]].append(row)
    sent = sum(row["speaker"] != CUSTOMER for row in rows)
    waits = [wait for talk in talks.values() if (wait := _first_wait(talk)) is not None]
    begun = [talk for talk in talks.values() if talk[0]["speaker"] == CUSTOMER]
    found: Json = {"chat_cnt": len(talks), "message_cnt": sent}
    found["reply_percentage"] = round(100 * len(waits) / len(begun), 2) if begun else 0
    return {**found, "avg_reply_time": round(sum(waits) / len(waits) / MINUTE) if waits else 0}


def _first_wait(talk: list[Row]) -> int | None:
    """Seconds from the customer's first message to the member's answer, of a talk that she began."""
    if talk[0]["speaker"] != CUSTOMER:
        return None
    answers = [row["at"] for row in talk if row["speaker"] != CUSTOMER]
    return int(answers[0] - talk[0]["at"]) if answers else None


def _group_data(call: Call, owned: list[str], first: int, last: int) -> Json:
    sql = f"SELECT * FROM chat WHERE owner IN ({marks(owned)}) AND corpid = ? AND customer = 1 AND create_time < ?"
    rows = call.world.store.rows(sql, *owned, call.corpid, last)
    chats = [row["chat"] for row in rows]
    members = call.world.store.rows(
        f"SELECT * FROM chat_member WHERE chat IN ({marks(chats)}) AND join_time < ?", *chats, last
    )  # question marks
    sql = f"SELECT chat, userid, person, count(*) AS said FROM message WHERE chat IN ({marks(chats)}) AND at >= ? AND at < ? GROUP BY 1, 2, 3"
    said = call.world.store.rows(sql, *chats, first, last)
    present = [row for row in members if row["left_at"] is None or row["left_at"] >= last]
    return {
        "new_chat_cnt": sum(row["create_time"] >= first for row in rows),
        "chat_total": len(rows),
        "chat_has_msg": len({row["chat"] for row in said}),
        "new_member_cnt": sum(row["join_time"] >= first for row in members),
        "member_total": len(present),
        "member_has_msg": len({(row["chat"], row["userid"], row["person"]) for row in said}),
        "msg_total": sum(row["said"] for row in said),
        "migrate_trainee_chat_cnt": 0,
    }


def by_owner(call: Call) -> Json:
    days = _days(call, "day_begin_time", "day_end_time")
    order, ascending = integer(call.args, "order_by", 1), integer(call.args, "order_asc", 0)
    offset, limit = integer(call.args, "offset", 0), limit_to_most(call.args, default=500, most=PAGE)
    items: list[Json] = [
        {"owner": one, "data": _group_data(call, [one], days[0], days[-1] + DAY)} for one in owners(call)
    ]
    key = {2: "chat_total", 3: "new_member_cnt", 4: "member_total"}.get(order, "new_chat_cnt")
    items.sort(key=lambda item: int(item["data"][key]), reverse=not ascending)
    return {
        "total": len(items),
        "next_offset": min(offset + limit, len(items)),
        "items": items[offset : offset + limit],
    }


def by_day(call: Call) -> Json:
    seen = owners(call)
    days = _days(call, "day_begin_time", "day_end_time")
    return {"items": [{"stat_time": day, "data": _group_data(call, seen, day, day + DAY)} for day in days]}


ROUTES = {
    "/cgi-bin/externalcontact/get_user_behavior_data": behavior,
    "/cgi-bin/externalcontact/groupchat/statistic": by_owner,
    "/cgi-bin/externalcontact/groupchat/statistic_group_by_day": by_day,
}
