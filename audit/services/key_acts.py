"""What is done to the keys is kept in the record of acts, like everything else that an operator does."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit.services.recording import record
from core.registries import KeyWitness, key_witnesses


def note_key_act(action: str, facts: Mapping[str, Any], now: datetime) -> None:
    record(by=None, action=action, changes={name: [None, fact] for name, fact in facts.items()}, at=now)


key_witnesses.register(KeyWitness(code="audit", note=note_key_act))
