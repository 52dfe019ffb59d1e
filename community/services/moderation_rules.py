"""The rules of moderation and its settings, changed with a reason."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.rules.changes import changes_between
from audit.services import record
from community.enums.moderation import AUTOMATIC, RULED, Speakers
from community.errors.moderation import ModerationRuleNotValid, ModerationSettingsNotValid
from community.models import ModerationSettings, ViolationRule
from community.rules.parameters import read_parameters

FIELDS = ("name_zh", "name_en", "parameters", "speakers", "sensitive", "automatic", "automatic_most", "is_active")
LIMITS = {
    "scan_days": (1, 365),
    "excerpt_days": (1, 180),
    "appeal_days": (1, 90),
    "mute_hours": (1, 720),
    "repeat_least": (2, 50),
    "repeat_days": (1, 365),
    "share_days": (1, 365),
}
MOST_AUTOMATIC = 100
Faults = dict[str, list[str]]


@transaction.atomic
def save_rule(
    *, rule: ViolationRule | None, kind: str, values: Mapping[str, Any], reason: str, by: User | None, now: datetime
) -> ViolationRule:
    """Make a rule of `kind`, or change one; `values` by FIELDS, parameters as they were typed.

    Raises ModerationRuleNotValid with every fault; what a rule has found stays as it is.
    """
    row = ViolationRule.objects.select_for_update().get(pk=rule.pk) if rule else ViolationRule(kind=kind)
    if row.kind not in RULED:
        raise ModerationRuleNotValid(fields={"kind": [_("Choose what the rule looks for.")]})
    old = {name: getattr(row, name) for name in FIELDS} if rule else {}
    given, faults = _read(row.kind, values)
    if not reason.strip():
        faults["reason"] = [_("Say why.")]
    if faults:
        raise ModerationRuleNotValid(fields=faults)
    for name, value in given.items():
        setattr(row, name, value)
    changes = changes_between(old, given)
    if rule and not changes:
        return row
    if not rule:
        last = ViolationRule.objects.order_by("-position").first()
        row.position = last.position + 1 if last else 1
    row.changed_at = now
    row.save()
    action = "community.change_rule" if rule else "community.add_rule"
    record(by=by, action=action, obj=row, changes=changes, reason=reason.strip(), at=now)
    return row


def _read(kind: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
    parameters, faults = read_parameters(kind, values["parameters"])
    given: dict[str, Any] = {"parameters": parameters}
    for name, longest in (("name_zh", 40), ("name_en", 60)):
        given[name] = values[name].replace("\x00", "").strip()
        if not 0 < len(given[name]) <= longest:
            faults[name] = [_("Between 1 and %(most)d characters.") % {"most": longest}]
    given |= {name: values[name] for name in ("speakers", "sensitive", "automatic", "automatic_most", "is_active")}
    if given["speakers"] not in Speakers.values:
        faults["speakers"] = [_("Choose whose messages the rule looks at.")]
    if given["automatic"] and given["automatic"] not in AUTOMATIC:
        faults["automatic"] = [_("A machine warns or mutes; anything else is for people.")]
    if given["sensitive"] and given["automatic"]:
        faults["automatic"] = [_("What is sensitive always waits for a person.")]
    most = given["automatic_most"]
    if most is None or not 1 <= most <= MOST_AUTOMATIC:
        faults["automatic_most"] = [
            _("A whole number from %(least)d to %(most)d is expected.") % {"least": 1, "most": MOST_AUTOMATIC}
        ]
    return given, faults


@transaction.atomic
def change_moderation_settings(
    *, values: Mapping[str, Any], reason: str, by: User | None, now: datetime
) -> ModerationSettings:
    """Whole numbers by LIMITS, and the band of the share. Raises ModerationSettingsNotValid."""
    row = ModerationSettings.objects.select_for_update().get(pk=1)
    faults: Faults = {}
    for name, (least, most) in LIMITS.items():
        if values[name] is None or not least <= values[name] <= most:
            faults[name] = [
                _("A whole number from %(least)d to %(most)d is expected.") % {"least": least, "most": most}
            ]
    low, high = values["share_low"], values["share_high"]
    if low is None or high is None or not Decimal(0) <= low <= high <= Decimal(1):
        faults["share_low"] = [_("Two shares from 0 to 100 % are expected, the lower one first.")]
    names = (*LIMITS, "share_low", "share_high")
    old = {name: getattr(row, name) for name in names}
    changes = changes_between(old, {name: values[name] for name in names}) if not faults else {}
    if changes and not reason.strip():
        faults["reason"] = [_("Say why.")]
    if faults:
        raise ModerationSettingsNotValid(fields=faults)
    if changes:
        for name in names:
            setattr(row, name, values[name])
        row.save()
        record(by=by, action="community.change_moderation", obj=row, changes=changes, reason=reason.strip(), at=now)
    return row
