"""The life of the tiers over the span: roll-ups followed, tiers run as of many days, tags and saved views."""

from datetime import datetime

from scrm.demo.span import Span


def follow(say): ...
def retier(span: Span, *, now: datetime, say): ...
def settle(*, now: datetime, say): ...
def by_tier(): return {}
