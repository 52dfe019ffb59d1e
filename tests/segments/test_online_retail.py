"""Every customer of a real file, against pandas."""

import csv
import io
import json
from datetime import UTC, datetime

import pandas as pd
import pytest
from django.core.management import call_command

from tests.segments import online_retail

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize(
    ("text", "as_of"),
    [
        ("2011-12-10", datetime(2011, 12, 9, 16, tzinfo=UTC)),
        ("2011-06-01T12:26:00+00:00", datetime(2011, 6, 1, 12, 26, tzinfo=UTC)),
    ],
)
def test_online_retail_scores_equal_pandas_for_every_customer(text: str, as_of: datetime) -> None:
    lines = online_retail.lines()
    online_retail.load(lines)
    expected = online_retail.expected(lines, as_of)

    rows = list(csv.DictReader(io.StringIO(_output("rfm_scores", as_of=text))))
    done = json.loads(_output("retier", as_of=text, json=True))

    assert list(rows[0]) == ["external_id", "recency_days", "frequency", "monetary", "r", "f", "m", "tier"]
    assert {row["external_id"]: tuple(row.values())[1:] for row in rows} == {
        customer: _row(each) for customer, each in expected.iterrows()
    }
    known = expected[expected.index.isin(lines[lines["at"] < as_of]["customer"])]
    assert done["members"] == len(known)
    assert {tier: n for tier, n in done["by_tier"].items() if n} == known["tier"].value_counts().to_dict()


def _output(command: str, **options: object) -> str:
    out = io.StringIO()
    call_command(command, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def _row(each: pd.Series) -> tuple[str, ...]:
    numbers = ("" if pd.isna(each[name]) else str(int(each[name])) for name in ("r", "f", "m"))
    recency = "" if pd.isna(each["recency"]) else str(int(each["recency"]))
    frequency = "0" if pd.isna(each["frequency"]) else str(int(each["frequency"]))
    return recency, frequency, f"{each['fen'] / 100:.2f}", *numbers, each["tier"]
