"""Writing the record of acts; sealing it, bringing the seals to second places, verifying all of it."""

from audit.services.anchoring import deliver_seals
from audit.services.key_acts import note_key_act
from audit.services.recording import BATCH, Target, origin_of, record, record_many
from audit.services.sealing import Sealed, accept_loss, seal_rows
from audit.services.verifying import verify

__all__ = [
    "BATCH",
    "Sealed",
    "Target",
    "accept_loss",
    "deliver_seals",
    "note_key_act",
    "origin_of",
    "record",
    "record_many",
    "seal_rows",
    "verify",
]
