"""Words and marks of sends that several pages show."""

from compliance.enums.consent import Reason
from core.errors import ScrmError, Text
from messaging.enums import DeliveryState, SendState, Withheld

MARKS: dict[str, str] = {
    SendState.DRAFT.value: "none",
    SendState.FROZEN.value: "busy",
    SendState.RUNNING.value: "good",
    SendState.PAUSED.value: "watch",
    SendState.DONE.value: "good",
    SendState.CANCELLED.value: "none",
}
#: Why a message did not go; an allowed one needs no words.
REASONS: dict[str, Text] = {**dict(Reason.choices), **dict(Withheld.choices), Reason.ALLOWED.value: ""}
STATES: dict[str, Text] = dict(DeliveryState.choices)


def sentence(refused: ScrmError) -> str:
    """What is refused, with what is said of its parts and what to do."""
    parts = [str(each) for said in refused.fields.values() for each in said]
    return " ".join(filter(None, dict.fromkeys([str(refused), *parts, str(refused.hint)])))
