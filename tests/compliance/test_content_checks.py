"""POST /api/v1/content-checks/: places and laws of what is found; nothing is kept."""

import pytest

from compliance.models import Review
from tests import api

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/content-checks/"


def test_hits_come_with_places_law_and_a_lawful_wording() -> None:
    text = "😀本店国 家級，全网最低价，最佳食用期"
    answer = api.client("lexicon:read").post(ADDRESS, {"text": text}).json()
    assert (answer["version"], answer["passes"]) == (1, False)
    assert [(hit["phrase"], hit["severity"], text[hit["start"] : hit["end"]]) for hit in answer["hits"]] == [
        ("国家级", "block", "国 家級"),
        ("全网最低价", "warn", "全网最低价"),
    ]
    assert all(hit["law"] and hit["suggestion"] for hit in answer["hits"])
    assert not Review.objects.exists()


@pytest.mark.parametrize("text", ["", "  ", "第一步洁面"])
def test_harmless_text_passes(text: str) -> None:
    assert api.client("lexicon:read").post(ADDRESS, {"text": text}).json() == {"version": 1, "passes": True, "hits": []}


@pytest.mark.parametrize("body", [{}, {"text": 5}, {"text": "x" * 100_001}, {"text": "a", "more": 1}])
def test_bodies_with_faults_are_refused(body: dict[str, object]) -> None:
    assert api.client("lexicon:read").post(ADDRESS, body).status_code == 400


def test_key_without_the_scope_is_refused() -> None:
    assert api.client("tags:read").post(ADDRESS, {"text": "最佳"}).status_code == 403
