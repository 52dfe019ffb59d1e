"""Files of KOC on disk: as many as there are rows, and readable for her copy."""

from typing import Any

import pytest
from django.db import transaction

from community.errors.ugc import UgcNotValid
from community.models import WorkFile
from community.services.handing_in import Piece, deliver, return_delivery
from community.services.work_files import keep_work_file, place_of, tidy_work_files
from compliance.services.copies import files_about
from tests.community import earnings as cast
from tests.community.earnings import NOW

pytestmark = pytest.mark.django_db
AGES = NOW.replace(year=2036)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def names(member_id: int) -> list[str]:
    return [name.split("-", 1)[1] for name, _content in files_about(member_id)]


def on_disk(folder: Any) -> int:
    return len(list(folder.glob("work/*")))


def test_another_file_takes_the_place_of_the_first_and_her_copy_is_made(
    tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    her = cast.koc()
    delivery = cast.seat(her)
    with django_capture_on_commit_callbacks(execute=True):
        delivery = deliver(delivery=delivery, piece=Piece(file=cast.picture("一.png")), by=None, now=NOW)
        return_delivery(delivery=delivery, reason="太暗", by=cast.marketer(), now=NOW)
        deliver(delivery=delivery, piece=Piece(file=cast.picture("二.png")), by=None, now=NOW)
    assert (names(her.member_id or 0), WorkFile.objects.count(), on_disk(tmp_path)) == (["二.png"], 1, 1)


def test_file_that_is_lost_keeps_her_from_no_other(caplog: Any) -> None:
    (her,) = cast.people(1)
    lost, _kept = (keep_work_file(member_id=her.pk, file=cast.picture(name), now=NOW) for name in ("一.png", "二.png"))
    place_of(lost).unlink()
    assert names(her.pk) == ["二.png"]
    assert f"community.workfile {lost.pk} " in caplog.text


def test_piece_that_is_refused_leaves_no_file(tmp_path: Any) -> None:
    (her,) = cast.people(1)
    with pytest.raises(UgcNotValid):
        cast.piece(her, kind="picture", file=cast.picture(), title="长" * 81)
    assert on_disk(tmp_path) == 0


def test_file_of_a_transaction_that_failed_goes_after_a_day_and_one_that_is_kept_stays(tmp_path: Any) -> None:
    (her,) = cast.people(1)
    kept = keep_work_file(member_id=her.pk, file=cast.picture(), now=NOW)
    with pytest.raises(RuntimeError), transaction.atomic():
        keep_work_file(member_id=her.pk, file=cast.picture(), now=NOW)
        raise RuntimeError
    assert (tidy_work_files(now=NOW.replace(year=2020)), on_disk(tmp_path)) == (0, 2)
    assert (tidy_work_files(now=AGES), on_disk(tmp_path)) == (1, 1)
    assert place_of(kept).exists()
