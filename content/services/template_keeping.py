"""Festival templates as a marketer keeps them: made, changed with all of their slots, retired. What was laid stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules.changes import changes_between
from audit.services import record
from content.errors import RulesNotSaved
from content.models import ContentType, Festival, FestivalTemplate, TemplateItem
from content.services.lengths import too_long

MOST_ITEMS = 40
FARTHEST = 180


@dataclass(frozen=True, kw_only=True)
class Item:
    """A slot so many days before (−) or after the festival; without an English title the Chinese one serves both."""

    days: int
    time: time
    type: ContentType
    title_zh: str
    title_en: str = ""


@transaction.atomic
def save_template(
    *,
    template: FestivalTemplate | None,
    name_zh: str,
    name_en: str,
    festival: Festival,
    items: Sequence[Item],
    by: User | None,
    now: datetime,
    is_active: bool = True,
) -> FestivalTemplate:
    """Make a template, or change one with its slots. Raises RulesNotSaved; faults of an item stand under `item_3`."""
    action = "content.template.update" if template else "content.template.create"
    template = FestivalTemplate.objects.select_for_update().get(pk=template.pk) if template else FestivalTemplate()
    old = _facts(template) if template.pk else {}
    template.name_zh, template.name_en = name_zh.strip(), name_en.strip() or name_zh.strip()
    template.festival, template.is_active = festival, is_active
    _check(template, items)
    template.save()
    template.items.all().delete()
    TemplateItem.objects.bulk_create(_row(template, item) for item in items)
    changes = changes_between(old, _facts(template))
    if changes:
        record(by=by, action=action, obj=template, changes=changes, at=now)
    return template


def _check(template: FestivalTemplate, items: Sequence[Item]) -> None:
    names = {"name_zh": template.name_zh, "name_en": template.name_en}
    faults: dict[str, list[str]] = too_long(FestivalTemplate, names)
    if not template.name_zh:
        faults["name_zh"] = [_("Fill this in.")]
    if not 1 <= len(items) <= MOST_ITEMS:
        faults["items"] = [_("Between 1 and %(limit)d slots.") % {"limit": MOST_ITEMS}]
    faults |= {f"item_{place}": found for place, item in enumerate(items) if (found := list(_faults_of(item)))}
    if faults:
        raise RulesNotSaved(fields=faults)


def _faults_of(item: Item) -> Iterable[str]:
    if not item.title_zh.strip():
        yield _("Give it a title.")
    for words in too_long(TemplateItem, {"title_zh": item.title_zh, "title_en": item.title_en}).values():
        yield from words
    if abs(item.days) > FARTHEST:
        yield _("At most %(limit)d days from the festival.") % {"limit": FARTHEST}


def _row(template: FestivalTemplate, item: Item) -> TemplateItem:
    chinese = item.title_zh.strip()
    return TemplateItem(
        template=template,
        days=item.days,
        time=item.time,
        type=item.type,
        title_zh=chinese,
        title_en=item.title_en.strip() or chinese,
    )


def _facts(template: FestivalTemplate) -> dict[str, Any]:
    names = ("name_zh", "name_en", "festival_id", "is_active")
    items = template.items.select_related("type").order_by("days", "time", "pk")
    lines = [f"{each.days:+d} {each.time:%H:%M} {each.type.code} {each.title_zh} / {each.title_en}" for each in items]
    return {**{name: getattr(template, name) for name in names}, "items": "\n".join(lines)}
