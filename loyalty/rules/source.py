"""What an offer was given by, as two plain values: loyalty knows no activities."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """As Source("activity", 12); an empty kind: nothing in particular."""

    kind: str = ""
    id: int | None = None


NOWHERE = Source()
#: The kind of source of coupons that the brand gave to many: no act of the members.
GIVEN = "given"
