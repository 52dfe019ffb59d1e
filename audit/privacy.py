"""The record of acts names a member by number, masked; it is evidence of what was done with her data, and stays."""

from core.registries import classify

classify(
    "audit_auditentry",
    identifier="actor_label address",
    quasi="actor_id object_id object_label reason changes user_agent",
    behavioural="at action",
    none="id actor_type object_type request_id xid",
)
