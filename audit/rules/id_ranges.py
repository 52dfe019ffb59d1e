"""Numbers as ranges: "1-5,7,9-12". A seal names its rows so, that a missing one can be named too."""

from collections.abc import Iterable


def written(numbers: Iterable[int]) -> str:
    parts: list[str] = []
    first = last = 0
    for number in sorted(numbers):
        if parts and number == last + 1:
            last = number
            parts[-1] = f"{first}-{last}"
            continue
        first = last = number
        parts.append(str(number))
    return ",".join(parts)


def read(text: str) -> set[int]:
    """ValueError for what is no list of ranges."""
    numbers: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers
