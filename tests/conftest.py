"""The database of the suite: built by the owner, used as the run-time role."""

from collections.abc import Iterator

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from pytest_django import DjangoDbBlocker

from core import roles


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    connections[DEFAULT_DB_ALIAS].settings_dict.update(roles.parameters("owner"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        roles.switch("app")
    yield
    with django_db_blocker.unblock():
        roles.switch("owner")
