"""Rule 30: kf/send_msg in states 0 and 1 (95018), five messages (95001) within 48 h of the customer's last (95002)."""

import re

from wecom.simulator.clock import HOUR
from wecom.simulator.errors import refuse_if

MOST, WINDOW, TEXT = 5, 48 * HOUR, 2048
MSGID = re.compile(r"[0-9a-zA-Z_-]{1,32}")
NEW, BOT = 0, 1


def check_msgid(msgid: str, *, used: bool) -> None:
    """One of the caller's own is unique in the account."""
    refuse_if(msgid and (used or not MSGID.fullmatch(msgid)), 40058, "invalid msgid")


def check_sending(*, state: int, since_customer: int | None, sent: int) -> None:
    """`since_customer`: seconds since she last wrote, none if she never did."""
    refuse_if(state not in (NEW, BOT), 95018)
    refuse_if(since_customer is None or since_customer > WINDOW, 95002)
    refuse_if(sent >= MOST, 95001)


def cut(text: str) -> str:
    return text.encode()[:TEXT].decode(errors="ignore")
