"""The score of a store or a guide beside its peers: plain, weighted, and the same for the same figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Figures = Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Scored:
    """`score` from 0 to 100, None where nothing of weight is known; `rank` from 1, shared by equals.

    `parts` are the places of each known figure among the peers, 0 to 1; `counted` the share of the weights that they
    carry.
    """

    score: float | None = None
    rank: int | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    counted: float = 0.0


def score_all(peers: Sequence[Figures], weights: Mapping[str, float]) -> list[Scored]:
    """One for each of the peers, in their order.

    A figure counts by its place among the peers who have it: the share of the others that it is above of, equals by
    half. So no figure outweighs another by its unit. What is not known of somebody is left out with its weight, and
    the rest carries the score. The weights must not sum to 0.
    """
    whole = sum(weights.values())
    if whole <= 0:
        raise ValueError("The weights sum to 0.")
    parts = [_parts(place, peers, weights) for place in range(len(peers))]
    counted = [sum(weights[name] for name in known) / whole for known in parts]
    scores = [
        round(100 * sum(weights[name] * part for name, part in known.items()) / (share * whole), 1) if share else None
        for known, share in zip(parts, counted, strict=True)
    ]
    known_scores = [score for score in scores if score is not None]
    return [
        Scored(
            score=score,
            rank=None if score is None else 1 + sum(other > score for other in known_scores),
            parts=known,
            counted=share,
        )
        for score, known, share in zip(scores, parts, counted, strict=True)
    ]


def _parts(place: int, peers: Sequence[Figures], weights: Mapping[str, float]) -> dict[str, float]:
    found = {}
    for name in weights:
        value = peers[place].get(name)
        if value is None:
            continue
        others = [
            other for number, peer in enumerate(peers) if number != place and (other := peer.get(name)) is not None
        ]
        below = sum(other < value for other in others) + 0.5 * sum(other == value for other in others)
        found[name] = below / len(others) if others else 0.5
    return found
