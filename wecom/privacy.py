"""Callbacks name customers and staff; they are sealed, and go when their time is over or a person is forgotten.

This floor knows no member: `members.privacy` finds her ids here and has them forgotten.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.registries import Purge, classify, purges
from core.services.erasing import count_older, purge_older, run
from wecom.selectors import count_finished_before

REFUSALS = {"table": "wecom_callbackrefusal", "moment": "last_at"}
_PURGE = """
DELETE FROM wecom_callbackevent WHERE id IN (
    SELECT id FROM wecom_callbackevent WHERE received_at < %(before)s AND state <> 'waiting' LIMIT %(batch)s
)
"""


def count_callbacks(before: datetime, held: Sequence[int]) -> int:
    """What still waits is never counted: it goes when it is done or given up."""
    del held
    return count_finished_before(before)


def purge_callbacks(before: datetime, held: Sequence[int], batch: int) -> int:
    del held
    return run(_PURGE, before=before, batch=batch)


purges.register(
    Purge(
        code="wecom-callbacks",
        label=_("What WeCom told us, once it is worked into our own records"),
        days=30,
        count=count_callbacks,
        purge=purge_callbacks,
        order=60,
    )
)
purges.register(
    Purge(
        code="wecom-refusals",
        label=_("Counts of refused calls of our callback address"),
        days=400,
        count=count_older(**REFUSALS),
        purge=purge_older(**REFUSALS, key="id"),
        order=61,
    )
)
classify("wecom_corp", none="id corpid name base_url active created_at")
classify(
    "wecom_corpapp",
    sensitive="secret callback_token callback_aes_key",
    none="id corp_id kind name agentid active created_at",
)
classify("wecom_accesstoken", sensitive="token", none="app_id expires_at version refused_code refused_until")
classify("wecom_apiblock", none="id corp_id api errcode level since until")
classify(
    "wecom_callbackevent",
    identifier="body",
    quasi="about digest",
    behavioural="event change happened_at received_at",
    none="id app_id lane state repeats attempts due_at handled finished_at error",
)
classify("wecom_callbackrefusal", none="id app_id reason day count last_at")
