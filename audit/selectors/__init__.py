"""Reading the record of acts, and how its seals stand."""

from audit.selectors.entries import entries_about, recorded_values
from audit.selectors.history import Past, past_of
from audit.selectors.keys import KeysState, keys_state
from audit.selectors.seals import Proof, SealState, latest_verification, proof_of, says_first_bad, seal_state

__all__ = [
    "KeysState",
    "Past",
    "Proof",
    "SealState",
    "entries_about",
    "keys_state",
    "latest_verification",
    "past_of",
    "proof_of",
    "recorded_values",
    "says_first_bad",
    "seal_state",
]
