"""Why a machine decided about somebody as it did (PIPL Art. 24, 48): upper apps register what they can explain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import Text
from core.registries import Registry


@dataclass(frozen=True, kw_only=True)
class Explainer:
    """`explain` answers sentences for one member: the rule with her own values; none where nothing was decided."""

    code: str
    label: Text
    explain: Callable[[int], Sequence[str]]
    order: int = 100


explainers: Registry[Explainer] = Registry("explainers of decisions")


def explanations_for(member_id: int) -> list[tuple[Text, Sequence[str]]]:
    """Each decision with its sentences, where there are any."""
    found = [(each.label, each.explain(member_id)) for each in explainers]
    return [(label, sentences) for label, sentences in found if sentences]
