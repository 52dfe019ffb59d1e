"""The database of the suite: built by the owner, used as the run-time role."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key as blocker_key

from core import roles
from core.keys import create_key_ring
from scrm.bench.database import copy_database, drop_database
from scrm.celery import app as celery_app
from tests.assessments import assess_all, forget_all
from tests.migrated import migrated_database
from tests.restoring import partitions, restore

PARTITIONS = pytest.StashKey[set[str]]()  # those of the migrated database


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: what two workers pack a second apart differs, and then neither may begin."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    connections[DEFAULT_DB_ALIAS].settings_dict.update(roles.parameters("owner"))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Copies of a migrated database: this one, and by SCRM_BENCH_TEMPLATE those of the benches and of the sample brand."""
    connection = connections[DEFAULT_DB_ALIAS]
    used = connection.settings_dict["NAME"]
    name = connection.settings_dict["TEST"]["NAME"] or f"test_{used}"
    with django_db_blocker.unblock():
        settings.SCRM_BENCH_TEMPLATE = migrated_database()
        copy_database(settings.SCRM_BENCH_TEMPLATE, name)
        settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"] = connection.settings_dict["NAME"] = name
        request.config.stash[PARTITIONS] = partitions()
        connection.close()
        roles.switch("app")
    yield
    celery_app.pool.force_close_all()  # its connections would keep the database from being dropped
    with django_db_blocker.unblock():
        roles.switch("owner")
        connection.close()
        drop_database(name)
        settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"] = connection.settings_dict["NAME"] = used


@pytest.fixture(scope="session", autouse=True)
def key_ring_of_the_suite(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.SCRM_MASTER_KEYS = tmp_path_factory.mktemp("keys") / "master.json"
    create_key_ring(settings.SCRM_MASTER_KEYS)
    settings.SCRM_SEALS = tmp_path_factory.mktemp("seals")


@pytest.fixture
def online_retail() -> Path:
    """The real purchases, where they lie: tests skip without them, except where everything has to run."""
    path = Path(os.environ.get("SCRM_SHARED", settings.BASE_DIR.parent / "shared")) / "data" / "online-retail.csv.gz"
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"the Online Retail data set is not at {path}")
    return path


@pytest.fixture
def assessed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every registered feature has an approved assessment, written and approved by two people through the services.

    Where the test commits, they are taken away again; the database refuses that to everybody but its maintenance.
    """
    asked = {"transactional_db", "live_server", "committed"} & set(request.fixturenames)
    request.getfixturevalue("transactional_db" if asked else "db")
    assess_all(now=timezone.now() - timedelta(hours=1))
    yield
    if asked:
        forget_all()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A test with transactions of its own ends in a flush, which takes the migrations' rows too."""
    yield
    marker = item.get_closest_marker("django_db")
    asked = bool(marker and marker.kwargs.get("transaction"))
    if not asked and not {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        return
    blocker: DjangoDbBlocker = item.config.stash[blocker_key]
    with blocker.unblock():
        if not str(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]).startswith("test_"):
            return
        restore(item.config.stash[PARTITIONS])
