"""What the page "Today" hears of the seals (a verification failed, sealing lags, a second place is missed) and the keys."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.selectors import SealState, keys_state, latest_verification, says_first_bad, seal_state
from core.registries import WorkItem, WorkSource, health, work
from core.templatetags.scrm import ago, figure, moment_text

PERMISSION = "audit.view_auditentry"


def waiting(user: Any, now: datetime) -> Iterator[WorkItem]:
    """What nobody may overlook: the record of acts was changed."""
    del user, now
    found = latest_verification()
    if found is not None and not found.ok:
        yield WorkItem(
            state="act",
            title=_("The audit was changed"),
            detail=says_first_bad(found),
            url=reverse("admin:audit_auditentry_changelist"),
            act=_("Open the audit"),
        )


def condition(user: Any, now: datetime) -> Iterator[WorkItem]:
    del user
    state = seal_state(verified=False)
    yield WorkItem(
        state="act" if state.is_late(now) or state.failing else "good",
        title=_("Audit seals"),
        detail=_said(state, now),
        url=reverse("admin:audit_auditentry_changelist"),
        act="",
    )


def keys_condition(user: Any, now: datetime) -> Iterator[WorkItem]:
    """A rotation that was interrupted, or older master keys that nothing may need any more."""
    del user
    keys = keys_state()
    facts = {"version": keys.version}
    if keys.unfinished:
        detail = _("the rotation to version %(version)s has not ended: run `manage.py keys rotate` again") % facts
    elif keys.older:
        detail = (
            _("older versions than %(version)s are still in the ring: `manage.py keys retire` takes them out") % facts
        )
    elif keys.since is None:
        detail = _("version %(version)s, never rotated") % facts
    else:
        detail = _("version %(version)s, in use since %(moment)s") % {**facts, "moment": moment_text(keys.since, now)}
    yield WorkItem(
        state="watch" if keys.unfinished or keys.older else "good",
        title=_("Master key"),
        detail=detail,
        url=reverse("admin:audit_auditentry_changelist"),
        act="",
    )


def _said(state: SealState, now: datetime) -> str:
    if state.is_late(now):
        words = ngettext(
            "sealing lags: %(count)s row waits, since %(ago)s. Does the worker run?",
            "sealing lags: %(count)s rows wait, the oldest since %(ago)s. Does the worker run?",
            state.waiting,
        )
        return words % {"count": figure(state.waiting), "ago": ago(state.lag(now))}
    if state.failing:
        return _("%(place)s cannot be reached: %(error)s") % {
            "place": state.failing[0].place.label,
            "error": state.failing[0].error,
        }
    if state.seal is None:
        return _("nothing sealed yet")
    return _("sealed up to %(moment)s") % {"moment": moment_text(state.seal.sealed_at, now)}


work.register(WorkSource(code="audit.seals", items=waiting, permission=PERMISSION, order=5))
health.register(WorkSource(code="audit.seals", items=condition, permission=PERMISSION, order=25))
health.register(WorkSource(code="audit.keys", items=keys_condition, permission=PERMISSION, order=27))
