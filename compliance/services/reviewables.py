"""What can be put before the legal reviewer: upper apps register their kinds of objects here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Model

from audit.services import Target
from compliance.models import Review
from core.errors import Text
from core.registries import Registry


@dataclass(frozen=True, kw_only=True)
class Part:
    """One text of an object; its name is a code that stays, for an approval holds for names and texts."""

    name: str
    text: str


def _nothing(_object_id: int) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Reviewable:
    """One kind of object, known by its number.

    `parts` reads the texts that members will see, `names` says what their parts are called; `url` leads to the object's
    own page, or is "". What follows from a decision (`approved`; `withdrawn` after a return, an expiry or an edit)
    happens in the same transaction. `of_members`: its words are a member's own, so the record of acts, which outlives
    her, names it by its number. `choices` holds the words of parts whose text is a code, for whoever reads the review.
    """

    code: str
    label: Text
    names: Mapping[str, Text] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    parts: Callable[[int], Sequence[Part]]
    url: Callable[[int], str]
    approved: Callable[[int], None] = _nothing
    withdrawn: Callable[[int], None] = _nothing
    of_members: bool = False
    order: int = 100


def named(review: Review) -> Review | Target:
    """The review as the record of acts names it."""
    kind = reviewables.get(review.kind)
    if not kind.of_members:
        return review
    label = f"{kind.label} {review.object_id}"
    return Target(object_type=Review._meta.label_lower, object_id=review.pk, label=label)


reviewables: Registry[Reviewable] = Registry("reviewables")


def names_of(model: type[Model], *fields: str) -> Mapping[str, Text]:
    """Parts that are called as the fields of the model are."""
    return {name: model._meta.get_field(name).verbose_name for name in fields}  # type: ignore[union-attr]  # plain fields have one


def plain_parts(kind: str, object_id: int) -> list[dict[str, str]]:
    """The texts of an object as they are read, kept and fingerprinted."""
    parts = reviewables.get(kind).parts(object_id)
    return [{"name": str(part.name), "text": part.text.replace("\x00", "")} for part in parts]


def part_label(kind: str, name: str) -> Text:
    """The name of a part in words; one that has none is called as it was written."""
    return reviewables.get(kind).names.get(name, name) if kind in reviewables else name


def part_words(kind: str, name: str, text: str) -> Text:
    """The text of a part as a person reads it: a code in words, anything else as it was written."""
    return reviewables.get(kind).choices.get(name, {}).get(text, text) if kind in reviewables else text
