"""The two entries of content in the menu; everything else is reached from them."""

from django.utils.translation import gettext_lazy as _

from core.registries import MenuEntry, menu

menu.register_all(
    (
        MenuEntry(
            code="calendar",
            group="plan",
            title=_("Content calendar"),
            url_name="content:calendar",
            icon="calendar_month",
            permission="content.view_slot",
            order=10,
        ),
        MenuEntry(
            code="materials",
            group="plan",
            title=_("Materials"),
            url_name="content:materials",
            icon="perm_media",
            permission="content.view_material",
            order=30,
        ),
    )
)
