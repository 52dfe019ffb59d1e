"""Every act that the code records has its words, in both languages, and is found by them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from audit.admin import RecordedAdmin
from audit.admin.words import act_words, kind_words
from audit.models import AuditEntry
from audit.selectors import recorded_values
from audit.services import record
from core.registries import acts
from segments.models import TagGroup
from tests.brand import administrator, signed_in
from tests.test_architecture import FLOORS

WRITERS = re.compile(r"(^|\.|_)(record|record_many|note|move|record_hold)$")
CODE = re.compile(r"[a-z_]+(\.[a-z_]+){1,2}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def codes_in(tree: ast.Module) -> Iterator[str]:
    """Texts of the form of an act in calls that record, and in what is assigned to a name such a call is given.

    A part that is only known when it runs is written as `*`.
    """
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and WRITERS.search(ast.unparse(node.func))]
    given = [
        value for call in calls for value in (*call.args[:1], *(k.value for k in call.keywords if k.arg == "action"))
    ]
    names = {value.id for value in given if isinstance(value, ast.Name)}
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(name in names for target in targets for name in ast.unparse(target).strip("()").split(", ")):
            given.append(node.value)  # type: ignore[attr-defined]
    for value in given:
        for part in [value] if isinstance(value, ast.JoinedStr) else ast.walk(value):
            text = _text(part)
            if CODE.fullmatch(text.replace("*", "x")):
                yield text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def without_words(codes: set[str]) -> list[str]:
    known = [act.code for act in acts]
    return sorted(
        code for code in codes if not any(re.fullmatch(re.escape(code).replace(r"\*", "[a-z_]+"), one) for one in known)
    )


def codes_of(house: Path) -> set[str]:
    sources = (path for app in FLOORS for path in (house / app).rglob("*.py") if "bench" not in path.parts)
    return {code for path in sources for code in codes_in(ast.parse(path.read_text(encoding="utf-8")))}


def test_every_act_in_the_code_has_its_words() -> None:
    codes = codes_of(settings.BASE_DIR)
    assert {"members.create", "intake.finish", "demo.load", "accounts.allow_export"} <= codes
    assert without_words(codes) == []


def test_every_edit_of_reference_data_has_its_words() -> None:
    kept = [model._meta for model, page in admin.site._registry.items() if isinstance(page, RecordedAdmin)]
    verbs = {f"{meta.app_label}.{meta.model_name}.{verb}" for meta in kept for verb in ("create", "change")}
    written_by_services = {f"accounts.user.{verb}" for verb in ("create", "change")}
    read_only = {
        f"django_celery_beat.{name}.{verb}"
        for name in ("solarschedule", "clockedschedule")
        for verb in ("create", "change")
    }
    assert without_words(verbs - written_by_services - read_only) == []


def test_act_without_words_is_found(tmp_path: Path) -> None:
    (tmp_path / "members").mkdir()
    planted = 'def f(way):\n    record(by=None, action="members.vanish")\n    _record(f"members.{way}_gone", 1)\n'
    (tmp_path / "members" / "services.py").write_text(planted)
    assert without_words(codes_of(tmp_path)) == ["members.*_gone", "members.vanish"]


def test_words_are_chinese_in_chinese_and_different_from_each_other() -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words = [act_words(act.code) for act in acts]
        assert [word for word in words if bool(CHINESE.search(word)) != (language == "zh-hans")] == []
        assert sorted(word for word in set(words) if words.count(word) > 1) == []


@pytest.mark.django_db(transaction=True)
def test_acts_are_found_by_their_words_and_objects_by_their_names() -> None:
    user = administrator()
    group = TagGroup.objects.create(name="肤质")
    with transaction.atomic():
        record(by=user, action="segments.tag_group.create", obj=group)
        record(by=user, action="accounts.sign_out", obj=user)
    page = reverse("admin:audit_auditentry_changelist")
    client = signed_in(user, "zh-hans")

    def shown(query: str) -> list[str]:
        found = client.get(page + query)
        assert found.status_code == 200
        return [entry.action for entry in found.context["cl"].result_list]

    mine = "&actor_type__exact=user"
    for query in ("?q=新建标签组", "?q=肤质", "?act=segments.tag_group.create", "?object_type=segments.taggroup"):
        assert shown(query + mine) == ["segments.tag_group.create"], query
    assert shown(f"?q=%23{group.pk}{mine}&object_type=segments.taggroup") == ["segments.tag_group.create"]
    assert shown("?q=没有") == []
    assert "新建标签组" in client.get(page).content.decode()
    entry = AuditEntry.objects.get(action="segments.tag_group.create")
    said = client.get(reverse("admin:audit_auditentry_change", args=[entry.pk])).content.decode()
    assert "新建标签组" in said
    assert "segments.tag_group.create" not in said
    assert kind_words("gone.model") == "gone.model"
    assert {"segments.tag_group.create", "accounts.sign_out"} <= set(recorded_values("action"))
