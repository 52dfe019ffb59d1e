"""Every column of the database has a class, and every way to a member is in the map of erasure."""

import pytest

from compliance.selectors.personal_data import (
    classification_gaps,
    registered_classes,
    registered_paths,
    stored_columns,
    ways_to_members,
)
from core.enums import DataClass, Ending
from core.registries import PersonPath, classify

pytestmark = pytest.mark.django_db


def test_every_column_is_classified() -> None:
    gaps = classification_gaps(stored_columns(), registered_classes())
    assert gaps.unclassified == (), "classify() these in the privacy.py of their app"
    assert gaps.stale == (), "these columns do not exist (any more)"


def test_a_column_without_a_class_is_found() -> None:
    stored = [*stored_columns(), ("members_member", "shoe_size")]
    assert classification_gaps(stored, registered_classes()).unclassified == ("members_member.shoe_size",)


def test_a_class_without_a_column_is_found() -> None:
    known = {**registered_classes(), "members_shoe": {"size": DataClass.QUASI}}
    assert classification_gaps(stored_columns(), known).stale == ("members_shoe.size",)


def test_a_column_has_one_class() -> None:
    with pytest.raises(Exception, match="two classes"):
        classify("planted", identifier="name", none="name")


def test_classes_stand_as_declared() -> None:
    assert registered_classes()["members_identity"]["sealed"] == DataClass.IDENTIFIER


def test_every_way_to_a_member_is_in_the_map() -> None:
    assert ways_to_members(stored_columns()) - registered_paths().keys() == set()


@pytest.mark.parametrize("way", [("planted_table", "member_id"), ("planted_table", "inviter_id")])
def test_a_way_that_is_not_in_the_map_is_found(way: tuple[str, str]) -> None:
    ways = ways_to_members([*stored_columns(), way])
    assert ways - registered_paths().keys() == {".".join(way)}


def test_every_path_of_the_map_exists() -> None:
    there = {f"{table}.{column}" for table, column in stored_columns()}
    assert registered_paths().keys() - there == set()


def test_what_is_not_deleted_says_why() -> None:
    with pytest.raises(Exception, match="needs a reason"):
        PersonPath("members_shoe.member_id", Ending.KEEP)
