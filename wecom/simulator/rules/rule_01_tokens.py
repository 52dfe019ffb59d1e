"""Rule 1: gettoken. Missing corpid 41002, wrong 40013, missing secret 41004, wrong 40001; one token per corp and secret."""

from wecom.simulator.errors import refuse_if

LONGEST = 512


def check_corp(corpid: str, *, known: bool) -> None:
    refuse_if(not corpid, 41002)
    refuse_if(not known, 40013)


def check_secret(secret: str, *, right: bool) -> None:
    refuse_if(not secret, 41004)
    refuse_if(not right, 40001)


def check_agent(agentid: int, token_of: int) -> None:
    """A token of one app does nothing for another."""
    refuse_if(agentid != token_of, 301002)
