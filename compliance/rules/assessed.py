"""What compliance itself keeps back until its effect is assessed (PIPL Art. 55)."""

from django.utils.translation import gettext_lazy as _

from core.registries import Feature

ENTRUSTING = Feature(
    code="entrusting",
    label=_("Entrusting a processor"),
    why=_("Somebody else works with the data on our behalf; we answer for what they do."),
    article=_("PIPL Art. 55 (3): entrusting"),
    order=40,
)
PROVIDING = Feature(
    code="providing",
    label=_("Providing data to an independent recipient"),
    why=_("The recipient decides for itself what it does with the data; each member has to agree separately."),
    article=_("PIPL Art. 55 (3): providing to others"),
    order=50,
)
ABROAD = Feature(
    code="abroad",
    label=_("Sending data abroad"),
    why=_(
        "Outside of China other law holds; contract, certification or assessment by the authority may be needed too."
    ),
    article=_("PIPL Art. 55 (4): export of personal information"),
    order=60,
)
FEATURES = (ENTRUSTING, PROVIDING, ABROAD)
