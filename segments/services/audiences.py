"""Audiences: made, changed, copied, archived, counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.services.claims import claimed
from core.services.surprises import each_by_itself
from core.services.waking import wake_after_commit
from segments.enums import AudienceState
from segments.errors import (
    AudienceArchived,
    AudienceChanged,
    AudienceInUse,
    AudienceInvalid,
    AudiencesBroken,
    AudienceTooSlow,
)
from segments.models import Audience, AudienceSize
from segments.rules.audience_tree import Node, as_json, leaves
from segments.selectors.audiences import (
    audiences_behind,
    checked,
    count_everybody,
    patient,
    uses_of,
)
from segments.selectors.references import leads_to, named_by_audience
from segments.services.circles import alone

COUNT_TASK = "segments.count_audience"
NAME = Audience._meta.get_field("name").max_length or 0  # documented API of Django


@transaction.atomic
def create(
    *,
    name: str,
    rule: Mapping[str, Any],
    by: User | None,
    now: datetime,
    description: str = "",
    owner: User | None = None,
) -> Audience:
    """Make an audience; its size is counted by the next refresh. Raises AudienceInvalid."""
    audience = Audience(owner=owner or by)
    node = checked(rule, now=now)
    _lock(audience, node)
    changes = _take(audience, {"name": name.strip(), "description": description.strip(), "rule": as_json(node)})
    _save(audience)
    record(by=by, action="segments.audience.create", obj=audience, changes=changes, at=now)
    return audience


@transaction.atomic
def update(
    *,
    audience: Audience,
    by: User | None,
    now: datetime,
    name: str | None = None,
    rule: Mapping[str, Any] | None = None,
    description: str | None = None,
    version: int | None = None,
) -> Audience:
    """Change what is given. A new rule takes the size away until the next refresh.

    Raises AudienceInvalid, AudienceArchived, or AudienceChanged where it is not at `version` any more.
    """
    node = None if rule is None else checked(rule, now=now, audience_id=audience.pk)
    kept = _lock(audience, node)
    if not kept.is_active:
        raise AudienceArchived
    if version is not None and kept.version != version:
        raise AudienceChanged
    if node is not None:
        node = checked(node, now=now, audience_id=kept.pk)  # once more, now that nobody changes what it refers to
        _require_no_circle(kept, node)
    texts = {"name": name, "description": description}
    values: dict[str, Any] = {key: text.strip() for key, text in texts.items() if text is not None}
    changes = _take(kept, values | ({"rule": as_json(node)} if node is not None else {}))
    if "rule" in changes:
        kept.size = kept.refreshed_at = kept.counting_since = None
    kept.version += 1
    _save(kept)
    record(by=by, action="segments.audience.update", obj=kept, changes=changes, at=now)
    return kept


@transaction.atomic
def clone(*, audience: Audience, by: User | None, now: datetime) -> Audience:
    """A copy under a free name, owned by whoever copies. Raises AudienceInvalid where the rule names what is gone."""
    return create(name=_free_name(audience.name), description=audience.description, rule=audience.rule, by=by, now=now)


@transaction.atomic
def archive(*, audience: Audience, by: User | None, now: datetime) -> Audience:
    """Take it out of use; its sizes stay. Raises AudienceInUse while something depends on it."""
    kept = Audience.objects.select_for_update().get(pk=audience.pk)
    dependent = [use.label for use in uses_of([kept]).get(kept.pk, ())]
    if dependent:
        raise AudienceInUse(AudienceInUse.message % {"uses": _(", ").join(dependent)})
    return _turn(kept, AudienceState.ARCHIVED, by=by, now=now, action="segments.audience.archive")


@transaction.atomic
def restore(*, audience: Audience, by: User | None, now: datetime) -> Audience:
    """Take it back into use. Raises AudienceInvalid where its rule names what is gone since, or leads back to it."""
    alone()
    kept = Audience.objects.select_for_update().get(pk=audience.pk)
    _require_no_circle(kept, checked(kept, now=now))
    return _turn(kept, AudienceState.ACTIVE, by=by, now=now, action="segments.audience.restore")


def refresh(*, audience: Audience, now: datetime, by: User | None = None) -> Audience:
    """Count everybody who matches now and keep it as the size of the day. Raises AudienceInvalid.

    On the record where somebody asks for it; not where the hour or a saved rule does. The row is locked after the
    count, so that nobody waits for it in front of a page; a rule that was changed meanwhile is counted anew.
    """
    while True:
        counted = Audience.objects.get(pk=audience.pk)
        size = count_everybody(counted, now=now)
        kept = _keep_size(counted, size, by=by, now=now)
        if kept.rule == counted.rule:
            return kept


@transaction.atomic
def _keep_size(counted: Audience, size: int, *, by: User | None, now: datetime) -> Audience:
    """Nothing is kept of a rule that is another by now, nor over a count of a later moment."""
    kept = Audience.objects.select_for_update(no_key=True).get(pk=counted.pk)
    if kept.rule != counted.rule or (kept.refreshed_at is not None and kept.refreshed_at > now):
        return kept
    before, kept.size, kept.refreshed_at, kept.counting_since = kept.size, size, now, None
    kept.save(update_fields=["size", "refreshed_at", "counting_since"])
    day = timezone.localdate(now, timezone.get_default_timezone())
    AudienceSize.objects.update_or_create(audience=kept, day=day, defaults={"size": kept.size})
    if by is not None:
        record(by=by, action="segments.audience.refresh", obj=kept, changes={"size": [before, kept.size]}, at=now)
    return kept


def refresh_soon(*, audience: Audience, now: datetime, by: User | None = None) -> Audience:
    """Refresh at once where that is quick; otherwise a worker does it, and `counting_since` says so meanwhile.

    Where a worker is at it already, that is the answer. A lost message is made up for by the hourly refresh. Raises
    AudienceInvalid.
    """
    counting = Audience.objects.filter(pk=audience.pk, counting_since__isnull=False).first()
    if counting is not None:
        return counting
    try:
        with patient():
            return refresh(audience=audience, now=now, by=by)
    except AudienceTooSlow:
        return _have_counted(audience, by=by, now=now)


@transaction.atomic
def _have_counted(audience: Audience, *, by: User | None, now: datetime) -> Audience:
    kept = Audience.objects.select_for_update(no_key=True).get(pk=audience.pk)
    if kept.counting_since is None:
        kept.counting_since = now
        kept.save(update_fields=["counting_since"])
        if by is not None:
            record(by=by, action="segments.audience.ask_to_count", obj=kept, at=now)
        wake_after_commit(COUNT_TASK, kept.pk, queue="bulk")
    return kept


def count_asked(*, audience_id: int, now: datetime) -> bool:
    """Refresh what waits for a worker. False: nothing to do, another is at it, or its rule names what is gone since."""
    with claimed(COUNT_TASK, audience_id) as mine:
        waiting = Audience.objects.filter(pk=audience_id, counting_since__isnull=False).first()
        return mine and waiting is not None and _refresh_asked(waiting, now=now)


def _refresh_asked(waiting: Audience, *, now: datetime) -> bool:
    try:
        refresh(audience=waiting, now=now)
    except AudienceInvalid:
        Audience.objects.filter(pk=waiting.pk).update(counting_since=None)
        return False
    return True


def refresh_all(*, now: datetime) -> list[Audience]:
    """Refresh every audience in use, each in a transaction of its own; one that is broken or fails stops no other.

    Raises AudiencesBroken at the end, which says whose rules have to be looked at; before that, what nobody expected.
    """
    in_use = list(Audience.objects.filter(state=AudienceState.ACTIVE).order_by("pk"))
    refreshed = each_by_itself(in_use, lambda audience: _refresh_unless_broken(audience, now=now))
    broken = [audience.name for audience, kept in zip(in_use, refreshed, strict=True) if kept is None]
    if broken:
        raise AudiencesBroken(AudiencesBroken.message % {"audiences": _(", ").join(broken)})
    return [kept for kept in refreshed if kept is not None]


def _refresh_unless_broken(audience: Audience, *, now: datetime) -> Audience | None:
    try:
        return refresh(audience=audience, now=now)
    except AudienceInvalid:
        return None


def _turn(audience: Audience, state: AudienceState, *, by: User | None, now: datetime, action: str) -> Audience:
    before, audience.state = audience.state, state
    audience.version += 1
    audience.save(update_fields=["state", "version"])
    record(by=by, action=action, obj=audience, changes={"state": [before, str(state)]}, at=now)
    return audience


def _lock(audience: Audience, node: Node | None) -> Audience:
    """Two who make audiences refer to each other wait for one another; answers the row as it stands now."""
    if node is not None and named_by_audience(node):
        alone()
    numbers = {*(audiences_behind(node) if node is not None else ()), *([audience.pk] if audience.pk else [])}
    rows = Audience.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk")
    return {row.pk: row for row in rows}.get(audience.pk or 0, audience)


def _require_no_circle(audience: Audience, node: Node) -> None:
    """A rule that asks for what depends on itself would find others with every refresh."""
    back = [leaf.path for leaf in leaves(node) if leads_to(named_by_audience(leaf), ("audience", audience.pk))]
    if back:
        raise AudienceInvalid(
            fields={
                path: [_("This leads back to the audience itself, through a tag or another audience.")] for path in back
            }
        )


def _take(audience: Audience, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values and answer what changed."""
    changes = {}
    for name, value in values.items():
        old = getattr(audience, name) if audience.pk else None
        if old != value:
            changes[name] = [old, value]
        setattr(audience, name, value)
    return changes


def _save(audience: Audience) -> None:
    try:
        audience.full_clean()
        with transaction.atomic():
            audience.save()
    except ValidationError as error:
        raise AudienceInvalid(fields=error.message_dict) from error
    except IntegrityError as error:  # two at once
        raise AudienceInvalid(fields={"name": [_("There is one of this name already.")]}) from error


def _free_name(name: str) -> str:
    """`name (2)`, or the first number that is free."""
    taken = set(Audience.objects.filter(name__startswith=name[: NAME - 6]).values_list("name", flat=True))
    numbered = (f"{name[: NAME - 6]} ({number})" for number in range(2, len(taken) + 3))
    return next(each for each in numbered if each not in taken)
