"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "content",
    slot__create=_("Planned a slot"),
    slot__edit=_("Changed a slot"),
    slot__move=_("Moved a slot"),
    slot__submit=_("Submitted a slot for legal review"),
    slot__approve=_("Slot approved with its material"),
    slot__fall_back=_("Slot fell back to draft"),
    slot__schedule=_("Scheduled a slot"),
    slot__withdraw=_("Took a slot back to draft"),
    slot__publish=_("Confirmed that a slot was published"),
    slot__measure=_("Measured a slot"),
    slot__miss=_("Marked a slot as missed"),
    slot__cancel=_("Cancelled a slot"),
    slot__restore=_("Brought a slot back"),
    series__create=_("Planned a series"),
    template__create=_("Added a festival template"),
    template__update=_("Changed a festival template"),
    template__lay=_("Laid a festival template into the calendar"),
    material__create=_("Added a material"),
    material__version=_("Added a version of a material"),
    material__archive=_("Archived a material or brought it back"),
    cadence__create=_("Added a cadence rule"),
    cadence__update=_("Changed a cadence rule"),
    type__update=_("Changed a content type"),
    type__targets=_("Changed the targets of a content type"),
    settings__update=_("Changed the settings of the content calendar"),
    festival__create=_("Added a brand date"),
    festival__switch=_("Switched a festival on or off"),
    report__import=_("Imported a platform report"),
)
