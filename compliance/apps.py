"""The law as part of the machine: consent, the contact gate, content law and review, requests, registers."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from compliance.rules.assessed import FEATURES
from compliance.rules.content_roles import grant_content_law
from core.registries import MenuEntry, api_scope, features, grant, menu

SEES_CONSENT = ("view_consentstate", "view_consentevent")
SERVES = (*SEES_CONSENT, "add_consentevent", "add_privacylink")
RUNS_THE_GATE = ("view_gaterun", "view_contactsettings", "view_notice", "view_suppression", "view_contactevent")
KEEPS_THE_LAW = (
    *("change_contactsettings", "add_notice", "change_notice", "add_suppression", "change_suppression"),
    *("view_contactstatus", "change_contactstatus", "view_gateverdict"),
)
CONSENT_GRANTS = {
    Role.MARKETER: (*SERVES, *RUNS_THE_GATE, "add_suppression"),
    Role.LEGAL: (*SEES_CONSENT, *RUNS_THE_GATE, *KEEPS_THE_LAW),
    Role.STORE_MANAGER: SERVES,
    Role.GUIDE: SERVES,
    Role.JUNIOR_SERVICE: SERVES,
    Role.EXPERT: SERVES,
    Role.AUDITOR: (*SEES_CONSENT, *RUNS_THE_GATE, "view_gateverdict"),
    Role.API_CLIENT: (*SEES_CONSENT, "add_consentevent"),
}
CONSENT_MENU = (
    ("gate", _("Contact gate"), "door_open", "view_gaterun", 10),
    ("notices", _("Privacy notices"), "description", "view_notice", 20),
    ("suppression", _("Suppression list"), "do_not_disturb_on", "view_suppression", 30),
    ("settings", _("Contact settings"), "tune", "view_contactsettings", 90),
)
SCOPES = (
    ("consents:read", _("Read what members have agreed to and withdrawn")),
    ("consents:write", _("Send what members say: consents and withdrawals")),
    ("gate:read", _("Ask whether members may be contacted")),
    ("lexicon:read", _("Have texts checked for the words of advertising law")),
)


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = _("Compliance")

    def ready(self) -> None:
        """What each role may do here, part by part."""
        register_consent()
        register_rights()
        grant_content_law()
        register_registers()
        for code, sentence in SCOPES:
            api_scope(code, sentence)


def register_consent() -> None:
    """Marketers and the legal reviewer run the gate; whoever serves members sees and records what they say."""
    for role, permissions in CONSENT_GRANTS.items():
        grant("compliance_consent", role, *(f"compliance.{permission}" for permission in permissions))
    menu.register_all(
        MenuEntry(
            code=f"compliance_{code}",
            group="compliance",
            title=title,
            url_name=f"compliance:{code}",
            icon=icon,
            permission=f"compliance.{permission}",
            order=order,
        )
        for code, title, icon, permission, order in CONSENT_MENU
    )


ASKS = ("add_subjectrequest",)
SEES_RIGHTS = ("view_subjectrequest", "view_erasure", "view_retentionrule", "view_retentionrun")
ANSWERS = (
    *(*ASKS, *SEES_RIGHTS, "change_subjectrequest", "add_erasure", "change_rightssettings"),
    *("view_legalhold", "add_legalhold", "change_legalhold", "change_retentionrule"),
)
RIGHTS_GRANTS = {
    Role.LEGAL: ANSWERS,
    Role.AUDITOR: SEES_RIGHTS,
    Role.MARKETER: ASKS,
    Role.STORE_MANAGER: ASKS,
    Role.GUIDE: ASKS,
    Role.JUNIOR_SERVICE: ASKS,
    Role.EXPERT: ASKS,
}
RIGHTS_MENU = (
    ("requests", _("Requests"), "inbox", "view_subjectrequest", 15),
    ("retention", _("Storage periods"), "auto_delete", "view_retentionrule", 55),
    ("personal_data", _("Personal data"), "fingerprint", "view_erasure", 60),
)


def register_rights() -> None:
    """Whoever serves members takes requests down; the legal reviewer answers them and erases."""
    for role, permissions in RIGHTS_GRANTS.items():
        grant("compliance_rights", role, *(f"compliance.{permission}" for permission in permissions))
    menu.register_all(
        MenuEntry(
            code=f"compliance_{code}",
            group="compliance",
            title=title,
            url_name=f"compliance:{code}",
            icon=icon,
            permission=f"compliance.{permission}",
            order=order,
        )
        for code, title, icon, permission, order in RIGHTS_MENU
    )


SEES_REGISTERS = (
    *("view_processingactivity", "view_recipient", "view_watchedrule", "view_assessment"),
    *("view_incident", "view_incidentmember", "view_personcount"),
)
KEEPS_REGISTERS = (
    *("add_processingactivity", "change_processingactivity", "add_recipient", "change_recipient"),
    *("add_watchedrule", "change_watchedrule", "add_assessment", "change_assessment", "approve_assessment"),
    *("add_incident", "change_incident", "add_dutydone"),
)
REGISTERS_GRANTS = {
    Role.LEGAL: (*SEES_REGISTERS, *KEEPS_REGISTERS),
    Role.AUDITOR: SEES_REGISTERS,
    Role.MARKETER: ("view_assessment", "add_assessment", "change_assessment", "view_processingactivity"),
}


def register_registers() -> None:
    """The legal reviewer keeps the registers, auditors read them; marketers write assessments of what they use."""
    for role, permissions in REGISTERS_GRANTS.items():
        grant("compliance_registers", role, *(f"compliance.{permission}" for permission in permissions))
    features.register_all(FEATURES)
    menu.register(
        MenuEntry(
            code="compliance_registers",
            group="compliance",
            title=_("Registers"),
            url_name="compliance:registers",
            icon="menu_book",
            permission="compliance.view_processingactivity",
            order=70,
        )
    )
