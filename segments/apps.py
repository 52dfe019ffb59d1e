"""RFM scores, the five tiers, their history, and tags."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from core.registries import Feature, MenuEntry, api_scope, features, grant, menu
from segments.enums import TIERING

SEES_TIERS = ("view_tier", "view_tag")
KEEPS_TIERS = (*SEES_TIERS, "change_tier", "add_tag", "change_tag", "delete_tag", "add_membertag")
PROGRAM = ("view_tier", "view_tierchange", "view_memberstanding", "view_tag", "view_membertag", "change_membertag")
GRANTS = {
    Role.MARKETER: KEEPS_TIERS,
    Role.ANALYST: SEES_TIERS,
    Role.AUDITOR: SEES_TIERS,
    Role.API_CLIENT: PROGRAM,
}


class SegmentsConfig(AppConfig):
    name = "segments"
    verbose_name = _("Tiers and tags")

    def ready(self) -> None:
        """Marketers keep tiers and tags, analysts and auditors read them; each key of a program opens its scopes only.

        Figures are those of everybody: nobody whose reach is limited sees them.
        """
        for role, permissions in GRANTS.items():
            grant("segments", role, *permissions)
        api_scope("tiers:read", _("Read the tiers, who is in them, and the history of moves"))
        api_scope("standings:read", _("Read RFM scores and the figures behind them"))
        api_scope("tags:read", _("Read tags and who has them"))
        api_scope("tags:write", _("Give and take tags that are kept by hand"))
        features.register(
            Feature(
                code=TIERING,
                label=_("Tiers that keep themselves up to date"),
                why=_("Who is offered what follows from a computation; nobody looks at each case."),
                article=_("PIPL Art. 55 (2): automated decisions"),
                daily=True,
                order=10,
            )
        )
        menu.register_all(
            (
                MenuEntry(
                    code="tiers",
                    group="members",
                    title=_("Tiers"),
                    url_name="segments:tiers",
                    icon="stacked_bar_chart",
                    permission="segments.view_tier",
                    order=20,
                ),
                MenuEntry(
                    code="tags",
                    group="members",
                    title=_("Tags"),
                    url_name="segments:tags",
                    icon="sell",
                    permission="segments.view_tag",
                    order=40,
                ),
            )
        )
