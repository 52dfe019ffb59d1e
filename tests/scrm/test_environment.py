"""Values of the environment are read with a sentence for every wrong one."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from scrm import databases
from scrm.environment import Environment


def test_empty_counts_as_not_set() -> None:
    assert Environment({"NAME": "  "}).text("NAME", "default") == "default"


@pytest.mark.parametrize(("value", "read"), [("1", True), ("TRUE", True), ("off", False), ("", False), ("0", False)])
def test_flag_reads_the_usual_words(value: str, read: bool) -> None:
    assert Environment({"FLAG": value}).flag("FLAG") is read


def test_flag_refuses_another_word() -> None:
    with pytest.raises(ImproperlyConfigured, match="FLAG must be 1 or 0, not 'maybe'"):
        Environment({"FLAG": "maybe"}).flag("FLAG")


@pytest.mark.parametrize("value", ["0", "70000", "-1", "8k", "８０００", "1.5"])
def test_number_refuses_what_is_out_of_range_or_none(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PORT must be a whole number from 1 to 65535"):
        Environment({"PORT": value}).number("PORT", 8000, least=1, most=65535)


def test_choice_defaults_to_the_first_and_refuses_others() -> None:
    assert Environment({}).choice("SCRM_ENV", ("demo", "production")) == "demo"
    with pytest.raises(ImproperlyConfigured, match="SCRM_ENV must be one of demo, production, not 'prod'"):
        Environment({"SCRM_ENV": "prod"}).choice("SCRM_ENV", ("demo", "production"))


def test_items_are_cut_at_commas() -> None:
    assert Environment({"HOSTS": " a, b ,,c"}).items("HOSTS") == ["a", "b", "c"]


def test_address_is_read_with_escapes_and_options() -> None:
    assert databases.from_url("postgresql://u%40x:p%2Fw@db:5433/my%20base?sslmode=require", name="DATABASE_URL") == {
        "NAME": "my base",
        "USER": "u@x",
        "PASSWORD": "p/w",
        "HOST": "db",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_address_can_name_a_socket_folder() -> None:
    read = databases.from_url("postgres://u@/base?host=/run/postgresql", name="DATABASE_URL")
    assert (read["HOST"], read["PORT"], read["OPTIONS"]) == ("/run/postgresql", "", {})


@pytest.mark.parametrize("url", ["mysql://u@h/b", "postgresql://u@h", "postgresql://u@h:x/b", "base"])
def test_wrong_address_is_refused_with_the_right_form(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must look like postgresql://"):
        databases.from_url(url, name="DATABASE_URL")


def roles_of(**values: str) -> dict[str, dict[str, object]]:
    return databases.roles(Environment(values), home=Path("/nowhere"))


def test_one_address_serves_both_roles() -> None:
    read = roles_of(DATABASE_URL="postgresql://u@h/b")
    assert read["owner"] == read["app"]


def test_two_addresses_must_name_one_database() -> None:
    with pytest.raises(ImproperlyConfigured, match="must name the same database"):
        roles_of(DATABASE_URL="postgresql://u@h/b", DATABASE_OWNER_URL="postgresql://o@h/c")


def test_owner_alone_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="set both, or neither"):
        roles_of(DATABASE_OWNER_URL="postgresql://o@h/b")


def test_no_address_means_the_embedded_server() -> None:
    read = roles_of()
    assert (read["app"]["USER"], read["owner"]["USER"], read["app"]["NAME"]) == ("scrm_app", "scrm_owner", "scrm")
    assert read["app"]["HOST"] == read["owner"]["HOST"]
