"""What core itself stores: keys of subjects, answers to programs, rates."""

from core.registries import classify

classify(
    "core_datakey",
    sensitive="wrapped",
    quasi="subject_kind subject_id",
    none="number master_version created_at destroyed_at",
)
classify(
    "core_idempotencyrecord", identifier="answer", quasi="actor", none="id key fingerprint status created_at expires_at"
)
classify("core_ratebucket", quasi="key", none="tokens updated_at")
