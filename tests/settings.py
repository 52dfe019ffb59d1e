"""The project's settings, apart from a home and an embedded server of the suite's own that need not survive a crash."""

import os
from pathlib import Path

os.environ.setdefault("SCRM_HOME", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ.setdefault("SCRM_POSTGRES_UNSAFE", "1")

from scrm.settings import *  # noqa: F403  # after the environment it reads

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # looks a file up when it is asked for, instead of all of them for every test client
