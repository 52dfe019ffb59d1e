"""Tables of evidence: rows can be added and read, nothing else."""

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction

from core import roles

pytestmark = pytest.mark.servers

CHANGES = ["UPDATE kept SET said = 'no'", "DELETE FROM kept", "TRUNCATE kept"]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def kept(transactional_db: None) -> Iterator[None]:
    with roles.as_owner():
        run("CREATE TABLE kept (said text)")
        run("SELECT core_keep_as_evidence('kept')")
    run("INSERT INTO kept VALUES ('yes')")
    yield
    with roles.as_owner():
        run("DROP TABLE kept")


def said() -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT said FROM kept")
        return cursor.fetchall()


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("change", CHANGES)
def test_evidence_is_closed_to_the_runtime_role(change: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run(change)
    assert said() == [("yes",)]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("change", CHANGES)
def test_evidence_is_closed_to_the_owner_without_named_maintenance(change: str) -> None:
    with roles.as_owner(), pytest.raises(ProgrammingError, match="its rows are evidence"), transaction.atomic():
        run(change)
    assert said() == [("yes",)]


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(("change", "left"), list(zip(CHANGES, ([("no",)], [], []), strict=True)))
def test_evidence_opens_to_the_owner_who_names_the_maintenance(change: str, left: list[tuple[str]]) -> None:
    with roles.as_owner("retention"):
        run(change)
    assert said() == left


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("change", CHANGES)
def test_naming_a_maintenance_does_not_help_the_runtime_role(change: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run(f"SET LOCAL {roles.MAINTENANCE} = 'retention'")
        run(change)
    assert said() == [("yes",)]
