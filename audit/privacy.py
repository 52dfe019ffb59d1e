"""The record of acts names a member by number, masked; it is evidence of what was done with her data, and stays."""

from core.registries import ClassifiedTable, classify

KEPT = "pgh_id pgh_created_at pgh_label pgh_xid"


def classify_history(table: str, *, quasi: str = "", behavioural: str = "", none: str = "") -> ClassifiedTable:
    """As `classify`, for the table of what the rows of `table` were before."""
    return classify(f"{table}history", quasi=quasi, behavioural=behavioural, none=f"{KEPT} {none}")


classify(
    "audit_auditentry",
    identifier="actor_label address",
    quasi="actor_id object_id object_label reason changes user_agent",
    behavioural="at action",
    none="id actor_type object_type request_id xid hash",
)
classify(
    "audit_auditseal",
    none="number log follows rows first_xid first_id last_xid last_id ids root previous sealed_at key_version signature",
)
classify("audit_auditanchor", none="place number delivered_at attempts failed_at error")
classify("audit_auditverification", none="id at rows seals unsealed ok first_bad seconds")
classify("audit_server", none="system_identifier xid_offset")
