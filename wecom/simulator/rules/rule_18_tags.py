"""Rule 18: corp tags: 10,000 at most, names of 30 characters, no empty group, own app's only; 3,000 on a customer."""

from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules.shapes import integer, mappings, text

MOST, NAME, PER_CUSTOMER = 10_000, 30, 3000


def names_to_add(body: Json) -> list[tuple[str, int]]:
    """Name and order; the same name twice is one tag."""
    found = [
        (text(tag, "name", most=NAME, needed=True), integer(tag, "order", 0))
        for tag in mappings(body, "tag", most=MOST)
    ]
    refuse_if(not found, 40063, "tag is empty")
    return list(dict(found).items())


def check_room(existing: int, added: int) -> None:
    refuse_if(existing + added > MOST, 40126)


def check_owner(made_by: int, agentid: int) -> None:
    """An app changes the tags that it made."""
    refuse_if(made_by != agentid, 48002, "the tag was not made by this app")


def check_renaming(name: str, others: set[str]) -> None:
    refuse_if(name in others, 40071)


def check_marking(add: list[str], remove: list[str]) -> None:
    if not add and not remove:
        raise Refusal(40058, "add_tag and remove_tag are empty")


def check_load(marked: int) -> None:
    refuse_if(marked > PER_CUSTOMER, 40144)
