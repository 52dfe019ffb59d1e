"""What content stores."""

from content.models.cadence import ActiveHours, AudienceHours, CadenceRule, CalendarSettings
from content.models.limits import MaterialLimit, MaterialLimits, material_limits
from content.models.materials import Material, MaterialVersion
from content.models.occasions import Festival, FestivalTemplate, Series, TemplateItem
from content.models.owners import SlotOwner, SlotOwners, slot_owners
from content.models.results import LiveReport, PlatformReport, SlotReach, SlotResult
from content.models.slots import Slot
from content.models.stretches import Stretch, StretchSource, stretches
from content.models.types import ContentType, Target

__all__ = [
    "ActiveHours",
    "AudienceHours",
    "CadenceRule",
    "CalendarSettings",
    "ContentType",
    "Festival",
    "FestivalTemplate",
    "LiveReport",
    "Material",
    "MaterialLimit",
    "MaterialLimits",
    "MaterialVersion",
    "PlatformReport",
    "Series",
    "Slot",
    "SlotOwner",
    "SlotOwners",
    "SlotReach",
    "SlotResult",
    "Stretch",
    "StretchSource",
    "Target",
    "TemplateItem",
    "material_limits",
    "slot_owners",
    "stretches",
]
