"""Tags: given by hand to any set of members, kept by a rule, taken away when they end. Every step leaves history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from members.errors import FilterNotValid
from members.models import Member
from members.models.filters import check_parameters, filter_members
from segments.enums import TagAction, TagSource
from segments.errors import GroupInUse, TagInUse, TagInvalid, TagKeptByRule, TagRulesBroken
from segments.models import Tag, TagGroup
from segments.selectors.audiences import audiences_naming
from segments.selectors.references import leads_to, named_by_tag
from segments.selectors.tags import COUNTED, tags_depending_on, tags_named_by
from segments.services.circles import alone

ADD = """
    WITH added AS (
        INSERT INTO segments_membertag (tag_id, member_id, source, by_label, added_at, expires_at)
        SELECT %s, member_id, %s, %s, %s, %s FROM ({chosen}) AS chosen(member_id) ORDER BY member_id
        ON CONFLICT (tag_id, member_id) DO NOTHING RETURNING member_id
    )
    INSERT INTO segments_membertagevent (member_id, tag_id, tag_name, action, source, by_label, at)
    SELECT member_id, %s, %s, %s, %s, %s, %s FROM added
"""
# Rows are locked in the order of members everywhere: two who tag the same people wait for each other, never in a circle.
REMOVE = """
    WITH doomed AS MATERIALIZED (
        SELECT a.id FROM segments_membertag a WHERE {condition} ORDER BY a.member_id, a.tag_id FOR UPDATE
    ), removed AS (
        DELETE FROM segments_membertag a USING doomed, segments_tag t WHERE a.id = doomed.id AND t.id = a.tag_id
        RETURNING a.member_id, a.tag_id, t.name, a.source
    )
    INSERT INTO segments_membertagevent (member_id, tag_id, tag_name, action, source, by_label, at)
    SELECT member_id, tag_id, name, %s, source, %s, %s FROM removed
"""
PROLONG = """
    WITH kept AS MATERIALIZED (
        SELECT a.id FROM segments_membertag a WHERE {condition} ORDER BY a.member_id FOR NO KEY UPDATE
    )
    UPDATE segments_membertag a SET expires_at = %s FROM kept WHERE a.id = kept.id
"""


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What one refresh of a rule did."""

    tag_id: int
    added: int
    removed: int


@transaction.atomic
def save_tag_group(
    *, name: str, position: int = 0, by: User | None, group: TagGroup | None = None, now: datetime | None = None
) -> TagGroup:
    """Make a group, or change one. Raises TagInvalid."""
    action = "segments.tag_group.update" if group else "segments.tag_group.create"
    group = group or TagGroup()
    changes = _differences(group, {"name": name.strip(), "position": position})
    _save(group)
    record(by=by, action=action, obj=group, changes=changes, at=now)
    return group


@transaction.atomic
def delete_tag_group(*, group: TagGroup, by: User | None, now: datetime | None = None) -> None:
    """Delete an empty group. Raises GroupInUse."""
    record(by=by, action="segments.tag_group.delete", obj=group, changes={"name": [group.name, None]}, at=now)
    try:
        group.delete()
    except ProtectedError as error:
        raise GroupInUse from error


@transaction.atomic
def save_tag(
    *,
    group: TagGroup,
    name: str,
    by: User | None,
    rule: Mapping[str, Any] | None = None,
    lasts_days: int | None = None,
    is_active: bool = True,
    tag: Tag | None = None,
    now: datetime | None = None,
) -> Tag:
    """Make a tag, or change one. `rule` = parameters of the member list, None for a tag given by hand.

    Raises TagInvalid, FilterNotValid with the parameters that are not understood, or TagInUse for a tag that is to go
    out of use while the rule of another one depends on it. A new rule takes effect with the next refresh.
    """
    action = "segments.tag.update" if tag else "segments.tag.create"
    tag = tag or Tag()
    kept = dict(rule) if rule else None
    if named_by_tag(kept):
        alone()
    _lock([*tags_named_by(kept), *([tag.pk] if tag.pk else [])])
    if tag.pk and not is_active:
        _require_unused(tag)
    _check_rule(tag, kept, now=now or timezone.now())
    values = {"group_id": group.pk, "name": name.strip(), "rule": kept, "lasts_days": lasts_days}
    changes = _differences(tag, {**values, "is_active": is_active})
    _save(tag)
    record(by=by, action=action, obj=tag, changes=changes, at=now)
    return tag


@transaction.atomic
def delete_tag(*, tag: Tag, by: User | None, now: datetime | None = None) -> int:
    """Delete a tag and take it from everybody; its name stays in their history. Answers how many had it.

    Raises TagInUse while the rule of another tag depends on it.
    """
    moment = now or timezone.now()
    _lock([tag.pk])
    _require_unused(tag)
    count = _remove("a.tag_id = %s", [tag.pk], action=TagAction.REMOVED, by=by, now=moment)
    record(
        by=by, action="segments.tag.delete", obj=tag, changes={"name": [tag.name, None], "members": [count, 0]}, at=now
    )
    tag.delete()
    return count


@transaction.atomic
def tag_members(
    *,
    members: QuerySet[Member],
    tag: Tag,
    by: User | None,
    source: TagSource = TagSource.MANUAL,
    now: datetime | None = None,
) -> int:
    """Give `tag` to all of `members` (which the caller has narrowed by `visible_to`); answers how many are new.

    Who has it already keeps it, with a new end if the tag lasts a number of days. Raises TagKeptByRule.
    """
    if tag.rule is not None:
        raise TagKeptByRule
    moment = now or timezone.now()
    ends = moment + timedelta(days=tag.lasts_days) if tag.lasts_days else None
    if ends is not None:
        condition, values = _among(tag, members)
        with connection.cursor() as cursor:
            cursor.execute(PROLONG.format(condition=condition), [*values, ends])
    added = _add(members, tag, source=source, by=by, now=moment, ends=ends)
    _count_after(tag, added, now=moment)
    record(by=by, action="segments.tag.give", obj=tag, changes={"members_added": [0, added]}, at=now)
    return added


@transaction.atomic
def untag_members(*, members: QuerySet[Member], tag: Tag, by: User | None, now: datetime | None = None) -> int:
    """Take `tag` from all of `members`; answers how many had it. Raises TagKeptByRule."""
    if tag.rule is not None:
        raise TagKeptByRule
    condition, values = _among(tag, members)
    moment = now or timezone.now()
    removed = _remove(condition, values, action=TagAction.REMOVED, by=by, now=moment)
    _count_after(tag, removed, now=moment)
    record(by=by, action="segments.tag.take", obj=tag, changes={"members_removed": [0, removed]}, at=now)
    return removed


@transaction.atomic
def refresh_tag(*, tag: Tag, now: datetime | None = None) -> Refreshed:
    """Make the tag's holders exactly those that its rule finds now; whoever got it otherwise keeps it.

    Two refreshes of one tag wait for each other.
    """
    moment = now or timezone.now()
    locked = Tag.objects.select_for_update().get(pk=tag.pk)
    matching = filter_members(Member.objects.active(), locked.rule or {}, now=moment)
    condition, values = _among(locked, matching, inside=False)
    removed = _remove(
        f"a.source = %s AND {condition}", [TagSource.RULE, *values], action=TagAction.REMOVED, by=None, now=moment
    )
    added = _add(matching, locked, source=TagSource.RULE, by=None, now=moment, ends=None)
    Tag.objects.filter(pk=locked.pk).update(refreshed_at=moment)
    _count(locked, now=moment)
    return Refreshed(tag_id=locked.pk, added=added, removed=removed)


def refresh_rule_tags(*, now: datetime | None = None) -> list[Refreshed]:
    """Refresh every tag in use that has a rule, each in a transaction of its own.

    A rule may name what is gone (a deleted tag, a tier that is not there any more): its tag keeps whoever has it and
    stops no other. Raises TagRulesBroken at the end, which says whose rules have to be looked at.
    """
    refreshed, broken = [], []
    for tag in Tag.objects.filter(is_active=True, rule__isnull=False).order_by("pk"):
        try:
            refreshed.append(refresh_tag(tag=tag, now=now))
        except FilterNotValid:
            broken.append(tag.name)
    if broken:
        raise TagRulesBroken(TagRulesBroken.message % {"tags": ", ".join(broken)})
    return refreshed


def count_tags(*, now: datetime | None = None) -> None:
    """How many have each of the tags that no refresh counts: those given by hand, and those out of use."""
    for tag in Tag.objects.exclude(is_active=True, rule__isnull=False).order_by("pk"):
        _count(tag, now=now or timezone.now())


def _count(tag: Tag, *, now: datetime) -> None:
    Tag.objects.filter(pk=tag.pk).update(holders=tag.assignments.count(), counted_at=now)


def _count_after(tag: Tag, changed: int, *, now: datetime) -> None:
    """Where so many changed at once that no look counts them: who gave a tag to thousands sees that they have it."""
    if changed > COUNTED:
        _count(tag, now=now)


@transaction.atomic
def expire_tags(*, now: datetime | None = None) -> int:
    """Take away what has ended; answers how many."""
    moment = now or timezone.now()
    return _remove("a.expires_at <= %s", [moment], action=TagAction.EXPIRED, by=None, now=moment)


def _plain(members: QuerySet[Member]) -> QuerySet[Member, Any]:
    return members.order_by().values("pk")


def _sql(members: QuerySet[Member]) -> tuple[str, tuple[Any, ...]]:
    try:
        return _plain(members).query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false", ()


def _add(
    members: QuerySet[Member], tag: Tag, *, source: TagSource, by: User | None, now: datetime, ends: datetime | None
) -> int:
    chosen, values = _sql(members)
    label = _label(by)
    with connection.cursor() as cursor:
        cursor.execute(
            ADD.format(chosen=chosen),
            [tag.pk, source, label, now, ends, *values, tag.pk, tag.name, TagAction.ADDED, source, label, now],
        )
        return int(cursor.rowcount)


def _among(tag: Tag, members: QuerySet[Member], *, inside: bool = True) -> tuple[str, list[Any]]:
    chosen, values = _sql(members)
    link = "EXISTS" if inside else "NOT EXISTS"
    found = f"{link} (SELECT FROM ({chosen}) AS chosen(member_id) WHERE chosen.member_id = a.member_id)"
    return f"a.tag_id = %s AND {found}", [tag.pk, *values]


def _remove(condition: str, values: list[Any], *, action: TagAction, by: User | None, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(REMOVE.format(condition=condition), [*values, action, _label(by), now])
        return int(cursor.rowcount)


def _label(by: User | None) -> str:
    return by.get_username() if by else ""


def _lock(numbers: Iterable[int]) -> None:
    """A tag that goes and a rule that begins to depend on it wait for each other."""
    list(Tag.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk").values_list("pk"))


def _require_unused(tag: Tag) -> None:
    dependent = [str(each) for each in (*tags_depending_on(tag), *audiences_naming(tag))]
    if dependent:
        raise TagInUse(TagInUse.message % {"tags": _(", ").join(dependent)})


def _check_rule(tag: Tag, rule: Mapping[str, Any] | None, *, now: datetime) -> None:
    if rule is None:
        return
    check_parameters(rule, now=now)
    if tag.pk and leads_to(named_by_tag(rule), ("tag", tag.pk)):
        words = _("A tag cannot depend on itself, neither directly nor through other tags or audiences.")
        raise TagInvalid(fields={"rule": [words]})


def _differences(instance: Tag | TagGroup, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the values and answer what changed."""
    changes = {}
    for name, value in values.items():
        old = getattr(instance, name) if instance.pk else None
        if old != value:
            changes[name] = [old, value]
        setattr(instance, name, value)
    return changes


def _save(instance: Tag | TagGroup) -> None:
    try:
        instance.full_clean()
        with transaction.atomic():
            instance.save()
    except ValidationError as error:
        raise TagInvalid(fields=error.message_dict) from error
    except IntegrityError as error:  # two at once
        raise TagInvalid(fields={"name": [_("There is one of this name already.")]}) from error
