"""Writing the record of acts; sealing it, bringing the seals to second places, verifying all of it."""

from audit.services.anchoring import deliver_seals
from audit.services.key_acts import note_key_act
from audit.services.recording import BATCH, Target, record, record_many, recording_sql
from audit.services.sealing import Sealed, accept_loss, seal_rows
from audit.services.verifying import verify

__all__ = [
    "BATCH",
    "Sealed",
    "Target",
    "accept_loss",
    "deliver_seals",
    "note_key_act",
    "record",
    "record_many",
    "recording_sql",
    "seal_rows",
    "verify",
]
