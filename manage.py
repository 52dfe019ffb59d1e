#!/usr/bin/env python
"""Runs the project's commands; `manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from scrm.postgres.errors import DatabaseUnavailableError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrm.settings")
    try:
        execute_from_command_line(sys.argv)
    except DatabaseUnavailableError as error:
        sys.exit(f"{error}")
    except ImproperlyConfigured as error:
        if error.__cause__:  # a fault in the code, not in the environment
            raise
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
