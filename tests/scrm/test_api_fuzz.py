"""T14: a fuzzer that we did not write reads the description and asks everything it can think of, over the network.

SCRM_FUZZ_CASES says how many cases at least (`make fuzz`: 10,000). It must find no 5xx, no undocumented status, and
no answer that breaks its schema.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from members.models import Member
from tests import api
from tests.api_server import serving

CASES = int(os.environ.get("SCRM_FUZZ_CASES", "400"))
WITHOUT_LIMIT = {"SCRM_API_BURST": "1000000", "SCRM_API_PER_SECOND": "1000000"}
CONFIG = Path(__file__).with_name("schemathesis.toml")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_fuzzer_finds_no_fault(tmp_path: Path) -> None:
    for number in range(1, 21):
        api.member(str(number), pk=number)
    api.store("1")
    _key, secret = api.key_of(api.program())
    with (
        (tmp_path / "server.log").open("w+") as log,
        serving("tests.scrm.deadly:application", log=log, **WITHOUT_LIMIT) as address,
    ):
        report = fuzz(f"{address}/api/v1/schema/", secret, tmp_path)
    (tmp_path / "report.txt").write_text(report.stdout)
    said = (tmp_path / "server.log").read_text()
    assert report.returncode == 0, report.stdout[-16000:] + said[-4000:]
    assert cases(report.stdout) >= CASES
    assert Member.objects.filter(pk__lte=20).count() == 20


def fuzz(url: str, secret: str, place: Path) -> "subprocess.CompletedProcess[str]":
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", url),
        *("--max-examples", str(max(CASES // 32, 10)), "--header", f"Authorization: Bearer {secret}"),
        # One worker: two threads that set the recursion limit make compile() fail in Python 3.11.
        *("--seed", "5", "--workers", "1", "--no-color"),
    ]
    hooks = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.scrm.schemathesis_hooks", "PYTHONPATH": str(settings.BASE_DIR)}
    return subprocess.run(command, cwd=place, env=hooks, capture_output=True, text=True, check=False, timeout=3600)


def cases(output: str) -> int:
    found = re.search(r"(\d[\d,]*) generated", output)
    assert found, output[-3000:]
    return int(found[1].replace(",", ""))
