"""What keeps the database from answering, in sentences for whoever started the program."""

from django.db import OperationalError


class DatabaseUnavailableError(OperationalError):
    """Nothing can be done before this is put right; `manage.py` prints the sentence without a traceback."""
