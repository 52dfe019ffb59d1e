"""The project's settings, apart from a home and an embedded server of the suite's own that need not survive a crash."""

import os
from pathlib import Path

os.environ.setdefault("SCRM_HOME", str(Path(__file__).resolve().parent.parent / "var" / "test"))
os.environ.setdefault("SCRM_POSTGRES_UNSAFE", "1")
# With a server of one's own the demo's key is refused, also in the processes that the suite starts.
os.environ.setdefault("SCRM_SECRET_KEY", "of-the-suite-alone-0123456789-abcdefghijklmnopqrstuvwxyz")
# The suite's processes do not read each other's queues; whatever they start inherits the address as it is then.
if "PYTEST_XDIST_WORKER" in os.environ and os.environ.get("CELERY_BROKER_URL", "").startswith("redis"):
    address, _slash, first = os.environ.setdefault("SCRM_TEST_BROKER", os.environ["CELERY_BROKER_URL"]).rpartition("/")
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    os.environ["CELERY_BROKER_URL"] = f"{address}/{int(first) + number}"

from scrm.settings import *  # noqa: F403  # after the environment it reads

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # looks a file up when it is asked for, instead of all of them for every test client
