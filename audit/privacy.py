"""The record of acts names a member by number, masked; it is evidence of what was done with her data, and stays."""

from core.registries import classify

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
