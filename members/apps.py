"""People and their identities."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.registries import api_scope, grant

VIEWS = ("view_savedview", "add_savedview", "change_savedview", "delete_savedview")
SERVE = ("view_member", "add_member", "change_member", "view_identity", "add_identity", "view_city", *VIEWS)
REVEAL, DECIDE, MERGE = "reveal_identity", "change_minoraccess", "merge_member"


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        """What each role may do here; whose members it may see is decided by `visible_to`."""
        grant(
            "members", "marketer", *SERVE, "export_member", "delete_identity", "add_city", "change_city", REVEAL, MERGE
        )
        grant("members", "store_manager", *SERVE, "export_member", REVEAL, DECIDE, MERGE)
        for role in ("guide", "junior_service", "expert"):
            grant("members", role, *SERVE, REVEAL)
        grant("members", "analyst", "export_member", "view_member", "view_city", *VIEWS)
        grant("members", "auditor", "view_member", "view_city")
        # Programs keep names in step with other systems; they see identities masked, as everybody does.
        grant("members", "api_client", "view_member", "add_member", "change_member", "view_identity", MERGE)
        api_scope(
            "members:read", _("Read members and what they are known by; phones, e-mails and numbers of WeChat masked")
        )
        api_scope("merging:write", _("Merge two records of one person, and take that back"))
        api_scope("members:write", _("Add members, change them, and add what they are known by"))
