"""One reading of whole numbers that addresses and forms bring."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from core.rules.whole import INTEGER, NUMBER, whole_in

ROOMS = {"pages", "admin", "api", "selectors"}
#: What reads digits there is no number of an address or a form.
OTHERWISE = {
    "members/admin/filter_form.py",  # shows a number as it was typed
    "scrm/admin/words.py",  # a crontab in words
}
READS = re.compile(r"\.isdigit\(\)")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", 0),
        ("007", 7),
        (str(NUMBER), NUMBER),
        ("1" + "0" * 18, None),
        ("9" * 5000, None),
        ("", None),
        (" 1", None),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("1_0", None),
        ("１", None),
        ("²", None),
        ("\x00", None),
    ],
)
def test_plain_digits_are_a_number_and_nothing_else_is(text: str, found: int | None) -> None:
    assert whole_in(text) == found


@pytest.mark.parametrize(
    ("text", "found"), [("0", None), ("1", 1), ("365", 365), ("366", None), ("0001", 1), ("0" * 5000 + "7", 7)]
)
def test_number_outside_its_bounds_is_none(text: str, found: int | None) -> None:
    assert whole_in(text, least=1, most=365) == found
    assert whole_in(str(INTEGER + 1), most=INTEGER) is None


def test_nobody_reads_digits_by_hand() -> None:
    apps = [app for app in settings.BASE_DIR.iterdir() if (app / "apps.py").exists()]
    found = {f"{app.name}/{name}" for app in apps for name in by_hand_of(app)}
    assert found == OTHERWISE


def by_hand_of(app: Path) -> set[str]:
    """Files of the skins and of the reads that look at digits themselves."""
    return {
        str(path.relative_to(app))
        for path in app.rglob("*.py")
        if ROOMS & {part.removesuffix(".py") for part in path.relative_to(app).parts}
        and READS.search(path.read_text(encoding="utf-8"))
    }


def test_digits_read_by_hand_are_found(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "list.py").write_text("number = int(text) if text.isdigit() else None\n", encoding="utf-8")
    (tmp_path / "rules.py").write_text("text.isdigit()\n", encoding="utf-8")
    assert by_hand_of(tmp_path) == {"pages/list.py"}
