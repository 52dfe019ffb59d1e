"""Registries and errors: fail loudly, keep their order, say what they mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation

from core import registries
from core.errors import Conflict, ScrmError, TooManyRequests, ValidationFailed
from core.registries import Grant, Registry, Schedule, grant, permissions_of


@dataclass(frozen=True)
class Column:
    code: str
    order: int = 100
    title: str = ""


def test_entries_come_in_their_order_then_by_code() -> None:
    columns: Registry[Column] = Registry("columns")
    columns.register_all([Column("spend"), Column("tier", 10), Column("city")])
    assert [column.code for column in columns] == ["tier", "city", "spend"]
    assert (len(columns), "tier" in columns, "nothing" in columns) == (3, True, False)
    assert columns.get("tier") == Column("tier", 10)


def test_same_code_twice_is_refused_and_the_first_stays() -> None:
    columns: Registry[Column] = Registry("columns")
    columns.register(Column("tier", title="Tier"))
    with pytest.raises(ImproperlyConfigured, match="columns: 'tier' is registered twice"):
        columns.register(Column("tier", title="Level"))
    assert columns.get("tier").title == "Tier"


def test_the_very_same_entry_again_changes_nothing() -> None:
    columns: Registry[Column] = Registry("columns")
    columns.register_all([Column("tier"), Column("tier")])
    assert len(columns) == 1


def test_unknown_code_names_the_registry_and_what_it_holds() -> None:
    columns: Registry[Column] = Registry("columns")
    columns.register(Column("tier"))
    with pytest.raises(KeyError, match=r"columns has no 'teir'; it has \['tier'\]"):
        columns.get("teir")


@pytest.mark.parametrize(
    ("every", "crontab"),
    [(None, ""), (timedelta(hours=1), "0 3 * * *"), (None, "0 3 * *"), (None, "hourly")],
)
def test_schedule_needs_one_time(every: timedelta | None, crontab: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="Schedule 'nightly'"):
        Schedule(code="nightly", task="core.tasks.purge", description="", every=every, crontab=crontab)


def test_schedule_of_core_is_registered_and_its_task_is_real() -> None:
    schedule = registries.schedules.get("purge-requests")
    module, _dot, name = schedule.task.rpartition(".")
    assert getattr(__import__(module, fromlist=[name]), name).name == schedule.task


@pytest.fixture
def own_grants(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registries, "grants", Registry("grants"))
    permissions_of.cache_clear()
    yield
    permissions_of.cache_clear()


@pytest.mark.usefixtures("own_grants")
def test_role_may_what_every_app_grants_it() -> None:
    grant("members", "guide", "view_member")
    assert permissions_of("guide") == {"members.view_member"}
    grant("segments", "guide", "view_tag", "members.tag_member")
    grant("members", "analyst", "export_member")
    assert permissions_of("guide") == {"members.view_member", "segments.view_tag", "members.tag_member"}
    assert permissions_of("nobody") == set()


def test_grant_refuses_what_is_no_permission() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"app_label\.codename"):
        Grant(code="a", role="guide", permissions=frozenset({"view_member"}))


# --- errors ---


class OutOfStock(Conflict):
    code = "out_of_stock"
    message = "None is left."
    hint = "Order more."


def test_error_inherits_its_status_and_says_its_sentence() -> None:
    error = OutOfStock()
    assert (error.status, error.code, str(error), error.hint, error.fields) == (
        409,
        "out_of_stock",
        "None is left.",
        "Order more.",
        {},
    )


def test_error_can_be_told_more_where_it_is_raised() -> None:
    error = ValidationFailed("Wrong.", fields={"phone": ["Too short."]}, hint="Look again.")
    assert (str(error), error.fields, error.hint, error.status) == (
        "Wrong.",
        {"phone": ["Too short."]},
        "Look again.",
        400,
    )
    assert (TooManyRequests(retry_after=3).retry_after, TooManyRequests(retry_after=3).status) == (3, 429)


def test_every_error_has_a_code_of_its_own() -> None:
    def below(kind: type[ScrmError]) -> Iterator[type[ScrmError]]:
        for inner in kind.__subclasses__():
            yield inner
            yield from below(inner)

    ours = [kind for kind in below(ScrmError) if kind.__module__.startswith("core.")]
    codes = [kind.code for kind in ours if "code" in vars(kind)]
    assert len(codes) == len(set(codes))


def test_sentence_is_in_the_language_of_the_reader() -> None:
    error = ValidationFailed()
    with translation.override("en"):
        assert str(error) == "Some values are not valid."
