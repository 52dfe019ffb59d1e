"""Who does what in content law; legal keeps the lexicon and decides, marketers write, auditors read."""

from accounts.enums import Role
from core.registries import Grant, grants, permissions_of

READS = ("view_lexiconentry", "view_lexiconversion", "view_review")
CONTENT_ROLES = {
    Role.LEGAL: (*READS, "change_lexiconentry", "add_review", "decide_review"),
    Role.MARKETER: (*READS, "add_review"),
    Role.STORE_MANAGER: ("view_lexiconentry",),
    Role.JUNIOR_SERVICE: ("view_lexiconentry",),
    Role.EXPERT: ("view_lexiconentry",),
    Role.AUDITOR: READS,
    Role.API_CLIENT: ("view_lexiconentry",),
}


def grant_content_law() -> None:
    for role, names in CONTENT_ROLES.items():
        permissions = frozenset(f"compliance.{name}" for name in names)
        grants.register(Grant(code=f"compliance.content:{role.value}", role=role.value, permissions=permissions))
    permissions_of.cache_clear()
