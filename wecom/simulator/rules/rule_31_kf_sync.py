"""Rule 31: kf/sync_msg: a token of ten minutes (95007), three days of history, `has_more` alone says whether to go on."""

from wecom.simulator.clock import DAY, MINUTE
from wecom.simulator.errors import refuse_if
from wecom.simulator.rules.rule_09_rates import Limit

TOKEN_LIFE, HISTORY, PAGE = 10 * MINUTE, 3 * DAY, 1000
WITHOUT_TOKEN = [Limit("minute", 10)]  # "much stricter", the number is not said
BY_API = 0  # what was sent by API is never returned


def check_token(*, known: bool, age: int) -> None:
    refuse_if(not known or age > TOKEN_LIFE, 95007)
