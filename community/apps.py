"""Groups of customers and the people who carry them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from community.enums.koc import SCORING
from core.registries import Feature, MenuEntry, api_scope, features, grant, menu

# --- groups, who is in them, what is said there
GROUPS_SEES = ("view_group", "view_grouptype", "view_groupparticipant", "view_grouprules", "view_groupmessage")
GROUPS_SERVES = (*GROUPS_SEES, "add_groupparticipant", "change_groupparticipant", "view_chatimport", "add_chatimport")
GROUPS_RUNS = (*GROUPS_SERVES, "add_group", "change_group", "hand_over_group", "add_grouprules")
GROUPS: dict[Role, tuple[str, ...]] = {
    Role.MARKETER: (*GROUPS_RUNS, "change_grouptype", "change_groupsettings"),
    Role.STORE_MANAGER: GROUPS_RUNS,
    Role.GUIDE: (*GROUPS_SERVES, "add_grouprules"),
    Role.JUNIOR_SERVICE: GROUPS_SEES,
    Role.EXPERT: GROUPS_SEES,
    Role.LEGAL: ("view_group", "view_grouptype", "view_grouprules"),
    Role.ANALYST: GROUPS_SEES,
    Role.AUDITOR: (*GROUPS_SEES, "view_chatimport"),
    Role.API_CLIENT: (
        *GROUPS_SEES,
        *("add_group", "change_group", "add_groupparticipant", "change_groupparticipant", "add_groupmessage"),
    ),
}
GROUPS_SCOPES = (
    ("groups:read", _("Read groups, who is in them, and how much is said there")),
    ("groups:write", _("Open and change groups, and say who joins and leaves")),
    ("group-messages:read", _("Read which messages were sent in groups, without their text")),
    ("group-messages:write", _("Send the messages of groups")),
)
GROUPS_MENU = (
    ("groups", _("Groups"), "groups", "view_group", 10),
    ("chats", _("Chat imports"), "upload_file", "view_chatimport", 90),
)

# --- moderation, value plans, titles
LOOKS_ON = ("view_violation", "view_violationrule", "view_appeal", "view_valueplan", "view_title", "view_titleholding")
DECIDES = (*LOOKS_ON, "add_violation", "decide_violation", "add_appeal")
MODERATION = {
    Role.MARKETER: (
        *(*DECIDES, "decide_appeal", "change_violationrule", "change_moderationsettings"),
        *("change_valueplan", "change_title"),
    ),
    Role.STORE_MANAGER: (*DECIDES, "decide_appeal", "change_valueplan"),
    Role.GUIDE: (*DECIDES, "change_valueplan"),
    Role.JUNIOR_SERVICE: DECIDES,
    Role.EXPERT: (*DECIDES, "decide_appeal"),
    Role.LEGAL: LOOKS_ON,
    Role.AUDITOR: LOOKS_ON,
    Role.ANALYST: LOOKS_ON,
    Role.API_CLIENT: ("view_violation", "add_violation", "add_appeal", "view_titleholding"),
}
MODERATION_SCOPES = (
    ("moderation:read", _("Read violations in groups, without what was said")),
    ("moderation:write", _("Report violations and file appeals")),
    ("titles:read", _("Read the titles that participants of groups hold")),
)
MODERATION_MENU = (
    ("moderation", _("Moderation"), "gavel", "view_violation", 30),
    ("titles", _("Titles"), "military_tech", "view_title", 40),
)

# --- what KOC do and earn
EARNINGS_SEES = (
    *("view_task", "view_delivery", "view_prioritybenefit", "view_ugc"),
    *("view_ledgertransaction", "view_shareorder", "view_sharerule", "view_payout"),
)
EARNINGS_KEEPS = (
    *EARNINGS_SEES,
    *("add_task", "change_task", "add_delivery", "change_delivery", "decide_delivery", "change_prioritybenefit"),
    *("add_sharerule", "add_payout", "confirm_payout", "export_payout", "correct_ledger", "add_ugc", "change_ugc"),
)
EARNINGS_SERVES = ("view_task", "view_delivery", "add_delivery", "view_ugc", "add_ugc")
EARNINGS: dict[Role, tuple[str, ...]] = {
    Role.MARKETER: EARNINGS_KEEPS,
    Role.LEGAL: EARNINGS_SEES,
    Role.ANALYST: EARNINGS_SEES,
    Role.AUDITOR: EARNINGS_SEES,
    Role.STORE_MANAGER: (*EARNINGS_SERVES, "decide_delivery", "view_ledgertransaction"),
    Role.GUIDE: EARNINGS_SERVES,
    Role.API_CLIENT: ("view_task", "view_delivery", "add_delivery", "view_ledgertransaction", "view_ugc", "add_ugc"),
}
EARNINGS_SCOPES = (
    ("koc-tasks:read", _("Read co-creation tasks and what was delivered for them")),
    ("koc-tasks:write", _("Take co-creation tasks for KOC and hand in what they made")),
    ("ledger:read", _("Read what KOC have earned, order by order and booking by booking")),
    ("ugc:read", _("Read the UGC library and the rights to each piece")),
    ("ugc:write", _("Offer UGC of members to the library")),
)
EARNINGS_MENU = (
    ("tasks", _("Co-creation tasks"), "task_alt", "view_task", 60),
    ("ugc", _("UGC library"), "photo_library", "view_ugc", 70),
    ("ledger", _("Ledger of KOC"), "account_balance_wallet", "view_ledgertransaction", 80),
)

# --- who is a KOC, and why
KOC_SEES = (
    *("view_koc", "view_kocscore", "view_scoreweights", "view_levelrule", "view_kocsettings"),
    *("view_kocagreement", "view_kocacceptance", "view_effectrun"),
)
KOC_KEEPS = (
    *KOC_SEES,
    *("add_koc", "change_koc", "measure_koc", "add_scoreweights", "change_levelrule", "change_kocsettings"),
)
KOC_SERVES = ("view_koc", "view_kocscore", "view_kocagreement", "view_kocacceptance", "add_koc")
KOC: dict[Role, tuple[str, ...]] = {
    Role.MARKETER: KOC_KEEPS,
    Role.LEGAL: (*KOC_SEES, "add_kocagreement"),
    Role.ANALYST: (*KOC_SEES, "measure_koc"),
    Role.AUDITOR: KOC_SEES,
    Role.STORE_MANAGER: (*KOC_SERVES, "change_koc"),
    Role.GUIDE: KOC_SERVES,
    Role.API_CLIENT: ("view_koc", "view_kocscore", "add_koc"),
}
KOC_SCOPES = (
    ("koc:read", _("Read who is a KOC, and the scores with their parts")),
    ("koc:write", _("Invite members to be KOC and record what they answer")),
)
KOC_MENU = (("koc", _("KOC"), "campaign", "view_koc", 50),)
PARTS = (
    ("groups", GROUPS, GROUPS_SCOPES, GROUPS_MENU),
    ("moderation", MODERATION, MODERATION_SCOPES, MODERATION_MENU),
    ("koc", KOC, KOC_SCOPES, KOC_MENU),
    ("earnings", EARNINGS, EARNINGS_SCOPES, EARNINGS_MENU),
)


class CommunityConfig(AppConfig):
    name = "community"
    verbose_name = _("Communities")

    def ready(self) -> None:
        """Marketers keep groups and KOC; whoever serves members works with those of theirs."""
        features.register(
            Feature(
                code=SCORING,
                label=_("Scores of KOC"),
                why=_(
                    "Who is asked to be a KOC, and at which level, follows from a score that is computed of everybody."
                ),
                article=_("PIPL Art. 55 (2): automated decisions"),
                daily=True,
                order=15,
            )
        )
        for part, roles, scopes, entries in PARTS:
            for role, permissions in roles.items():
                grant(f"community.{part}", role, *(f"community.{permission}" for permission in permissions))
            for code, sentence in scopes:
                api_scope(code, sentence)
            menu.register_all(
                MenuEntry(
                    code=f"community_{code}",
                    group="community",
                    title=title,
                    url_name=f"community:{code}",
                    icon=icon,
                    permission=f"community.{permission}",
                    order=order,
                )
                for code, title, icon, permission, order in entries
            )
