"""Tests fork children, and a child must not find a connection of its parent's: both would speak on one socket."""

import os

import pytest
from django.db import connection
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def connected(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        connection.ensure_connection()


def test_a_child_finds_no_connection_from_before_the_browser(connected: None, browser: Browser) -> None:
    connection.close()
    child = os.fork()
    if child == 0:
        os._exit(int(connection.connection is not None))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
