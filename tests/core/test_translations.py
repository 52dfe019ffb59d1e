"""Both languages are complete, and the check that says so finds every kind of fault."""

import gettext
import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from core import catalogues
from core.catalogues import LOCALE, PO, Use, Word, check, compile_catalogue, read_catalogue, stubs, words_in
from core.management.commands.translations import all_faults, foreign_words, own_folders, translated_elsewhere

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
name = _("Member")
place = _("Line %(line)d") % {"line": 1}
many = ngettext("%(n)d tag", "%(n)d tags", 2)
short = pgettext("month", "May")
not_a_word = "plain"
"""
TEMPLATE = """{% load i18n %}
<p title="{% translate "Store" %}">
    {{ _("Guide") }} {# translators: nothing #}
  {% blocktranslate trimmed with n=count %}
     Found {{ n }}
     rows
  {% endblocktranslate %}
</p>'single "quotes' do not matter
"""
CHINESE = {
    "Member": "会员",
    "Line %(line)d": "第 %(line)d 行",
    "Store": "门店",
    "Guide": "导购",
    "Found %(n)s rows": "找到 %(n)s 行",
}
REST = (
    'msgid "%(n)d tag"\nmsgid_plural "%(n)d tags"\nmsgstr[0] "%(n)d 个标签"\n\n'
    'msgctxt "month"\nmsgid "May"\nmsgstr "五月"\n\n'
)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app with seven words, all of them translated."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "models.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE, encoding="utf-8")
    write(tmp_path, "".join(f'msgid "{word}"\nmsgstr "{text}"\n\n' for word, text in CHINESE.items()) + REST)
    return tmp_path


def write(app: Path, entries: str) -> None:
    (app / PO).parent.mkdir(parents=True, exist_ok=True)
    (app / PO).write_text(HEAD + entries, encoding="utf-8")


def change(app: Path, old: str, new: str) -> None:
    text = (app / PO).read_text(encoding="utf-8")
    assert old in text
    (app / PO).write_text(text.replace(old, new), encoding="utf-8")


def faults(app: Path) -> list[str]:
    return [fault.what for fault in check({"app": words_in(app)}, {"app": read_catalogue(app / PO)}, foreign={})]


def test_project_has_chinese_for_every_word() -> None:
    assert [str(fault) for fault in all_faults()] == []


def test_words_are_found_in_python_and_templates(app: Path) -> None:
    assert sorted(words_in(app), key=str) == sorted(
        [*((None, word) for word in CHINESE), (None, "%(n)d tag"), ("month", "May")], key=str
    )


def test_complete_catalogue_has_no_fault(app: Path) -> None:
    assert faults(app) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Member"\nmsgstr "会员"\n', "", "'Member' has no Chinese"),
        ('msgid "Store"\nmsgstr "门店"\n', "", "'Store' has no Chinese"),
        ('"会员"', '" "', "'Member' has no Chinese"),
        ('msgid "Member"', '#, fuzzy\nmsgid "Member"', "'Member' is fuzzy"),
        ("第 %(line)d 行", "第几行", "'Line %(line)d' and '第几行' differ in their placeholders"),
        ("%(n)d 个标签", "%(m)d 个标签", "'%(n)d tag' and '%(m)d 个标签' differ in their placeholders"),
        ('msgctxt "month"\n', 'msgid "Old"\nmsgstr "旧"\n\nmsgctxt "month"\n', "'Old' is used nowhere"),
        ('msgctxt "month"\n', '#~ msgid "Old"\n#~ msgstr "旧"\n\nmsgctxt "month"\n', "'Old' is kept as obsolete"),
        (
            'msgid_plural "%(n)d tags"\nmsgstr[0]',
            "msgstr",
            "'%(n)d tag': the plural is in one of source and catalogue only",
        ),
    ],
)
def test_fault_is_found(app: Path, old: str, new: str, fault: str) -> None:
    change(app, old, new)
    assert faults(app) == [fault]


def test_missing_context_is_found(app: Path) -> None:
    change(app, 'msgctxt "month"\n', "")
    assert faults(app) == ["'May' is used nowhere", "'May' (month) has no Chinese"]


def test_two_catalogues_may_not_differ(app: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    write(other, 'msgid "Member"\nmsgstr "成员"\n')
    catalogue = {"app": read_catalogue(app / PO), "other": read_catalogue(other / PO)}
    found = check({"app": words_in(app), "other": {}}, catalogue, foreign={})
    assert [str(fault) for fault in found] == ["other: 'Member' is '成员' here and '会员' in app"]


def test_word_of_a_package_needs_chinese_unless_it_has_its_own(app: Path) -> None:
    word = (None, "Type to search")
    package = {word: catalogues.Use(Path("search.html"), 1)}
    used, present = {"app": words_in(app)}, {"app": read_catalogue(app / PO)}
    assert [str(fault) for fault in check(used, present, foreign=package)] == [
        "search.html:1: 'Type to search' has no Chinese"
    ]
    assert check(used, present, foreign=package, elsewhere={word}) == []
    present["app"].add("Type to search", "输入关键词搜索")
    assert check(used, present, foreign=package, elsewhere={word}) == []


def test_words_of_the_admin_theme_are_known() -> None:
    assert (None, "Type to search") in foreign_words().keys() - translated_elsewhere()
    assert (None, "Save") in foreign_words().keys() & translated_elsewhere()


def test_stubs_can_be_read_back(app: Path) -> None:
    words = words_in(app)
    write(app, stubs(words.items(), app))
    assert catalogues.messages_of(read_catalogue(app / PO)).keys() == words.keys()


def test_compiled_catalogue_is_what_gettext_reads(app: Path) -> None:
    assert [compile_catalogue(app / PO), compile_catalogue(app / PO)] == [True, False]
    with (app / PO).with_suffix(".mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert (words.gettext("Member"), words.ngettext("%(n)d tag", "%(n)d tags", 5)) == ("会员", "%(n)d 个标签")
    assert [path.name for path in (app / PO).parent.iterdir() if path.suffix == ".new"] == []


def test_command_compiles_and_core_speaks_chinese() -> None:
    call_command("translations", "--compile", stdout=StringIO())
    translation.trans_real._translations.clear()  # type: ignore[attr-defined]  # read again what is now compiled
    translation.trans_real._default = None  # type: ignore[attr-defined]
    with translation.override(translation.to_language(LOCALE)):
        assert (translation.gettext("Type to search"), translation.gettext("erased")) == ("输入关键词搜索", "已删除")
    with translation.override("en"):
        assert translation.gettext("Type to search") == "Type to search"


def test_command_names_an_unknown_app() -> None:
    with pytest.raises(CommandError, match="no app 'nowhere'"):
        call_command("translations", "--missing", "nowhere")


#: What is counted where one is as usual as many; limits and settings that are never one are let through.
COUNTED = re.compile(
    r"%\((?!limit\)|most\)|least\)|alone\)|matches\)|amount\)|share\))\w+\)[sd] (?:\w+ )?"
    r"(rows|members|orders|codes|seals|buyers|days|hours|minutes|weeks|guides|silences|violations)\b"
)
#: Never one: numbers too large to be counted exactly, windows and spans whose smallest is a week.
LARGE = (
    *("the list has grown beyond %(number)s rows", "About %(count)s members match now."),
    *(
        "%(days)d days left",
        "starts in %(days)d days",
        "Between %(low)s and %(high)s days.",
        "Between 1 and %(days)s days.",
    ),
    *("of 100 · %(days)s days before %(moment)s", "%(days)s days before against %(days)s after"),
    *("for every KOC whose %(days)s days after are over", "Scores over %(days)s days before %(moment)s"),
    *("in the %(days)s days before, over the same days", "from the %(days)s days before %(day)s; of a chat"),
    *("A moment within the last %(days)d days", "%(days)s days before %(day)s, when the first value"),
    *("the last %(days)s days up to yesterday", "%(from)s to %(to)s days ago"),
    *("At most %(days)d days are measured at once.", "only you can download the pack, for %(days)s days"),
)


def counted_badly(words: Mapping[Word, Use]) -> list[str]:
    """English that says "1 rows": a count before a plural, without the singular beside it."""
    plain = [word for (_context, word), use in words.items() if use.plural is None and COUNTED.search(word)]
    return [word for word in plain if not any(large in word for large in LARGE)]


def test_what_is_counted_has_its_singular() -> None:
    found = {app: counted_badly(words_in(folder)) for app, folder in own_folders().items()}
    assert {app: words for app, words in found.items() if words} == {}


def test_a_count_without_its_singular_is_found(app: Path) -> None:
    (app / "more.py").write_text('from x import _\n_("%(count)s new members")\n', encoding="utf-8")
    assert set(counted_badly(words_in(app))) == {"Found %(n)s rows", "%(count)s new members"}
