"""Rule 21: acquisition links: range of 500, name of 30, own app's only; each new customer costs one of the quota."""

from wecom.simulator.clock import DAY
from wecom.simulator.errors import Json, refuse_if
from wecom.simulator.rules.shapes import integer, mapping, strings, text

PEOPLE, NAME, PRIORITY, CHANNEL = 500, 30, 1000, 64
LOW, CHAT_KEY_LIFE = 20, 30 * 60
SPAN, KEPT = 30 * DAY, 180 * DAY
WARNINGS = (14, 7, 3, 2, 1)  # days before a batch of the quota expires
TELLING = (3, 5, 10)  # the customer's messages that are told of


def check_open(*, is_open: bool) -> None:
    refuse_if(not is_open, 41200)


def read_link(body: Json) -> Json:
    """What is named; an update overwrites that."""
    found: Json = {}
    if "link_name" in body:
        found["link_name"] = text(body, "link_name", most=NAME, needed=True)
    if "range" in body:
        reach = mapping(body, "range")
        found["range"] = {
            "user_list": strings(reach, "user_list", most=PEOPLE),
            "department_list": [int(i) for i in strings(reach, "department_list", most=PEOPLE) if i.isdigit()],
        }
    if "skip_verify" in body:
        found["skip_verify"] = body["skip_verify"] is not False
    if "priority_option" in body:
        option = mapping(body, "priority_option")
        users = strings(option, "priority_userid_list", most=PRIORITY)
        found["priority_option"] = {"priority_type": integer(option, "priority_type"), "priority_userid_list": users}
    return found


def channel_state(channel: str) -> str:
    """`customer_channel` becomes the state, cut to 64 bytes."""
    return channel.encode()[:CHANNEL].decode(errors="ignore")


def balance_event(before: int, after: int) -> str:
    """What is called back when the balance moves."""
    if after > before:
        return "balance_increased"
    if after == 0:
        return "balance_exhausted"
    return "balance_low" if before >= LOW > after else ""


def check_balance(balance: int) -> bool:
    return balance > 0


def warnings_due(expires: int, now: int, given: list[int]) -> list[int]:
    """Warnings that are due and not given; one event stands for all of them."""
    left = (expires - now) / DAY
    return [days for days in WARNINGS if 0 < left <= days and days not in given]
