"""Coupons, prizes and draws."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from core.registries import MenuEntry, api_scope, grant, menu

SEES = ("view_coupon", "view_prize", "view_draw", "view_coupongrant")
KEEPS = (
    *SEES,
    *("add_coupon", "change_coupon", "add_prize", "change_prize", "add_draw", "change_draw", "run_draw", "void_draw"),
    *("view_offersettings", "change_offersettings"),
)
SERVES = ("view_coupongrant", "read_code")
PROGRAM = (
    *("view_coupon", "add_coupongrant", "add_couponredemption"),
    *("view_draw", "add_drawentry"),
)
GRANTS = {
    Role.MARKETER: KEEPS,
    Role.LEGAL: (*SEES, "void_draw"),
    Role.ANALYST: SEES,
    Role.AUDITOR: SEES,
    Role.STORE_MANAGER: SERVES,
    Role.GUIDE: SERVES,
    Role.JUNIOR_SERVICE: SERVES,
    Role.EXPERT: SERVES,
    Role.API_CLIENT: PROGRAM,
}
SCOPES = (
    ("coupons:read", _("Read the coupons, their rules and how many are left")),
    ("coupons:write", _("Claim coupons for members, redeem codes and take redemptions back")),
    ("draws:read", _("Read draws, their rules and results")),
    ("draws:write", _("Enter members into draws")),
)


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Offers")

    def ready(self) -> None:
        """Marketers keep offers; whoever serves members sees hers and may read a code out to her."""
        for role, permissions in GRANTS.items():
            grant("loyalty", role, *permissions)
        for code, sentence in SCOPES:
            api_scope(code, sentence)
        menu.register(
            MenuEntry(
                code="offers",
                group="plan",
                title=_("Offers"),
                url_name="loyalty:coupons",
                icon="redeem",
                permission="loyalty.view_coupon",
                order=40,
            )
        )
