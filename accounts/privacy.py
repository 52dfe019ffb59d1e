"""Staff are persons too: what is stored of them, by class. They are erased with their employment, not as members."""

from django.utils.translation import gettext_lazy as _

from audit.privacy import classify_history
from core.registries import Purge, classify, purges
from core.services.erasing import count_older, purge_older

EXPORTED = {"table": "accounts_exportsubject", "moment": "at"}
purges.register(
    Purge(
        code="export-lists",
        label=_("Whose data an exported file held"),
        days=1096,
        count=count_older(**EXPORTED),
        purge=purge_older(**EXPORTED, key="export_id, subject_id"),
        order=35,
    )
)

classify(
    "accounts_user",
    sensitive="password",
    identifier="username first_name last_name email display_name",
    quasi="id role region_id",
    behavioural="last_login date_joined",
    none="is_superuser is_staff is_active session_epoch",
)
classify("accounts_user_groups", none="id user_id group_id")
classify("accounts_user_stores", quasi="id user_id store_id")
classify("accounts_user_user_permissions", none="id user_id permission_id")
classify(
    "accounts_apikey",
    sensitive="key_hash",
    quasi="user_id created_by_label",
    behavioural="last_used_at",
    none="id name prefix scopes networks created_at expires_at revoked_at",
)
classify(
    "accounts_inappnotice", behavioural="title body url read_at", quasi="recipient_id", none="id level key created_at"
)
classify("accounts_region", none="id code name")
classify("accounts_store", none="id code name city is_open region_id")
classify(
    "accounts_export",
    sensitive="salt",
    identifier="parameters",
    quasi="asked_by_id decided_by_id reason",
    behavioural="asked_at decided_at downloads",
    none="id kind layout state rows size started_at finished_at expires_at",
)
classify("accounts_authenticator", sensitive="secret", quasi="user_id", none="id name confirmed last_step created_at")
classify("accounts_recoverycode", sensitive="code_index", quasi="user_id", behavioural="used_at", none="id created_at")
classify_history("accounts_user", quasi="pgh_obj_id role region_id", none="is_active is_staff is_superuser")
classify_history("accounts_apikey", quasi="user_id", none="pgh_obj_id name scopes expires_at revoked_at")
classify("accounts_exportsubject", quasi="subject_id", none="export_id at")
