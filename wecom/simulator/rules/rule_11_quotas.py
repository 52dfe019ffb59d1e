"""Rule 11: limits of single APIs; app messages above a member's limit are dropped in silence, with errcode 0."""

from wecom.simulator.rules.rule_09_rates import Limit

PER_CORP: dict[str, list[Limit]] = {
    "/cgi-bin/get_jsapi_ticket": [Limit("hour", 400)],
    "/cgi-bin/ticket/get": [Limit("hour", 400)],
    "/cgi-bin/media/uploadimg": [Limit("day", 1000), Limit("month", 3000)],
    "/cgi-bin/msgaudit/get_permit_user_list": [Limit("minute", 1000)],
    "/cgi-bin/msgaudit/check_single_agree": [Limit("minute", 2500)],
    "/cgi-bin/msgaudit/check_room_agree": [Limit("minute", 1500)],
    "/cgi-bin/msgaudit/groupchat/get": [Limit("minute", 2000)],
    "/cgi-bin/msgaudit/get_robot_info": [Limit("minute", 600)],
    "/archive/get_chat_data": [Limit("minute", 4000)],
    "/archive/get_media_data": [Limit("minute", 25_000)],
}
PER_APP: dict[str, list[Limit]] = {
    "/cgi-bin/get_jsapi_ticket": [Limit("hour", 100)],
    "/cgi-bin/ticket/get": [Limit("hour", 100)],
}
PER_ACCOUNT = 200  # app messages a day: accounts of the corp × 200 person-times


def day_is_full(sent_today: int, *, accounts: int) -> bool:
    return sent_today >= accounts * PER_ACCOUNT


def dropped(in_minute: int, in_hour: int, *, per_minute: int, per_hour: int) -> bool:
    """One more message to that member would be thrown away."""
    return in_minute >= per_minute or in_hour >= per_hour
