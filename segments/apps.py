"""RFM scores, the five tiers, their history, and tags."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from core.registries import MenuEntry, api_scope, grant, menu

SEES_TIERS = ("view_tier", "view_tag")
SEES_AUDIENCES = ("view_audience",)
KEEPS_AUDIENCES = (*SEES_AUDIENCES, "add_audience", "change_audience", "delete_audience")
KEEPS_TIERS = (*SEES_TIERS, "change_tier", "add_tag", "change_tag", "delete_tag", "add_membertag")
PROGRAM = ("view_tier", "view_tierchange", "view_memberstanding", "view_tag", "view_membertag", "change_membertag")
GRANTS = {
    Role.MARKETER: (*KEEPS_TIERS, *KEEPS_AUDIENCES),
    Role.ANALYST: (*SEES_TIERS, *SEES_AUDIENCES),
    Role.AUDITOR: (*SEES_TIERS, *SEES_AUDIENCES),
    Role.STORE_MANAGER: SEES_AUDIENCES,
    Role.GUIDE: SEES_AUDIENCES,
    Role.API_CLIENT: (*PROGRAM, "view_audience", "change_audience"),
}


class SegmentsConfig(AppConfig):
    name = "segments"
    verbose_name = _("Tiers and tags")

    def ready(self) -> None:
        """Marketers keep tiers and tags, analysts and auditors read them; each key of a program opens its scopes only.

        Figures are those of everybody: nobody whose reach is limited sees them. Audiences are counted anew for her,
        among her own members.
        """
        for role, permissions in GRANTS.items():
            grant("segments", role, *permissions)
        api_scope("tiers:read", _("Read the tiers, who is in them, and the history of moves"))
        api_scope("standings:read", _("Read RFM scores and the figures behind them"))
        api_scope("tags:read", _("Read tags and who has them"))
        api_scope("tags:write", _("Give and take tags that are kept by hand"))
        api_scope("audiences:read", _("Read audiences, count them, and list who is in them"))
        api_scope("audiences:write", _("Make and change audiences"))
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
                    code="audiences",
                    group="members",
                    title=_("Audiences"),
                    url_name="segments:audiences",
                    icon="groups",
                    permission="segments.view_audience",
                    order=30,
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
