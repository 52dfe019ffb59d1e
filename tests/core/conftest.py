"""Real sample data, where it lies."""

import os
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def online_retail() -> Path:
    path = Path(os.environ.get("SCRM_SHARED", settings.BASE_DIR.parent / "shared")) / "data" / "online-retail.csv.gz"
    if not path.exists() and not os.environ.get("CI"):
        pytest.skip(f"the Online Retail data set is not at {path}")
    return path
