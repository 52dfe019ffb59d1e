"""From which states a slot may take which step."""

from collections.abc import Mapping

from content.enums import SlotState

STEPS: Mapping[str, frozenset[str]] = {
    "edit": frozenset(
        {SlotState.DRAFT, SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.SCHEDULED, SlotState.MISSED}
    ),
    "move": frozenset(
        {SlotState.DRAFT, SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.SCHEDULED, SlotState.MISSED}
    ),
    "submit": frozenset({SlotState.DRAFT}),
    "schedule": frozenset({SlotState.APPROVED}),
    "withdraw": frozenset({SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.SCHEDULED}),
    "publish": frozenset({SlotState.SCHEDULED}),
    "cancel": frozenset(
        {SlotState.DRAFT, SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.SCHEDULED, SlotState.MISSED}
    ),
    "restore": frozenset({SlotState.CANCELLED}),
    "miss": frozenset({SlotState.DRAFT, SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.SCHEDULED}),
    "measure": frozenset({SlotState.PUBLISHED}),
}
# Where a slot may stand that was scheduled, published by hand, and not confirmed before something befell it.
AFTERWARDS = frozenset({SlotState.DRAFT, SlotState.IN_REVIEW, SlotState.APPROVED, SlotState.MISSED})


def may(step: str, state: str, *, was_scheduled: bool = False) -> bool:
    """Whether a slot may take a step; `was_scheduled` for the time that it stands at, whatever its state is now."""
    return state in STEPS[step] or (step == "publish" and was_scheduled and state in AFTERWARDS)


def steps_from(state: str) -> list[str]:
    """What can be done with a slot in that state, in the order of the table."""
    return [step for step, states in STEPS.items() if state in states]
