"""Years that no calendar bears, in every field of a day and in every address: never a fault, and never stored."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, partial
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from community.pages import editing
from community.services import groups
from intake.services import receive_upload
from members.models.filters import member_filters
from tests.brand import found_brand, signed_in
from tests.scrm.acts_of_the_pages import Cast
from tests.scrm.pages_of_the_admin import Page, pages
from tests.scrm.test_acts_of_the_pages import ACTS
from timeline.models import Purchase

pytestmark = pytest.mark.django_db

DAYS = ("0001-01-01", "9999-12-31")
SERVER_ERROR = 500
TYPED = re.compile(r"\d{4}-\d\d-\d\d")
#: What is born, and what is kept for ever, lies within.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2101, 1, 2, tzinfo=UTC)
#: Under these names an address says a day, a moment or a month.
IN_ADDRESSES = ("at", "day", "from", "to", "since", "until", "first", "last", "date", "festival_day")


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.CELERY_TASK_ALWAYS_EAGER = False


@dataclass
class Form:
    """What a browser would send of it, and which of its fields take days and moments."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    dated: dict[str, str] = field(default_factory=dict)

    def typed(self, day: str) -> dict[str, list[str]]:
        said = {"datetime-local": f"{day}T00:00", "month": day[:7]}
        return self.values | {name: [said.get(kind, day)] for name, kind in self.dated.items()}


class Forms(HTMLParser):
    """The forms of a page; a select sends what is chosen in it, else its first choice."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.inside = False
        self.select = self.area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(said.get("action", ""), said.get("method", "get").lower()))
            self.inside = True
        elif self.inside and tag == "input" and said.get("name"):
            self._take(said)
        elif self.inside and tag == "select":
            self.select = said.get("name", "")
        elif self.inside and tag == "textarea":
            self.area = said.get("name", "")
            self.found[-1].values[self.area] = [""]
        elif tag == "option" and self.select and ("selected" in said or self.select not in self.found[-1].values):
            self.found[-1].values[self.select] = [said.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self.inside and self.area:
            self.found[-1].values[self.area][0] += data

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def _take(self, said: dict[str, str]) -> None:
        form, name, kind = self.found[-1], said["name"], said.get("type", "text")
        if kind in {"submit", "button", "file", "image"} or (kind in {"checkbox", "radio"} and "checked" not in said):
            return
        form.values.setdefault(name, []).append(said.get("value", ""))
        if kind in {"date", "datetime-local", "month"} or "DateField" in said.get("class", ""):
            form.dated[name] = kind


@cache
def dated_models() -> list[tuple[type[models.Model], "list[models.DateField[Any, Any]]"]]:
    """Every table with columns of days and moments."""
    tables = set(connection.introspection.table_names())
    found = ((model, model._meta.concrete_fields) for model in apps.get_models() if model._meta.db_table in tables)
    dated = ((model, [each for each in columns if isinstance(each, models.DateField)]) for model, columns in found)
    return [(model, columns) for model, columns in dated if columns]


def nonsense_kept() -> set[str]:
    """Columns of days and moments that hold years which no page can show."""
    found = set()
    for model, columns in dated_models():
        if model._base_manager.filter(outside(*columns)).exists():
            found |= {str(column) for column in columns if model._base_manager.filter(outside(column)).exists()}
    return found


def outside(*columns: "models.DateField[Any, Any]") -> models.Q:
    found = models.Q()
    for column in columns:
        first, last = (
            (EARLIEST, LATEST) if isinstance(column, models.DateTimeField) else (EARLIEST.date(), LATEST.date())
        )
        found |= models.Q(**{f"{column.name}__lt": first}) | models.Q(**{f"{column.name}__gt": last})
    return found


def tried(act: Callable[[], Any]) -> str:
    """What is wrong with the answer, or with what it left behind; the database is afterwards as before."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                fault = fault_of(act())
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what this looks for
            fault = repr(error)[:200]
        transaction.set_rollback(True)
    return fault


def fault_of(answer: Any) -> str:
    if answer is None:
        return ""
    if answer.status_code >= SERVER_ERROR:
        return f"answered {answer.status_code}"
    return ", ".join(sorted(nonsense_kept())) if answer.wsgi_request.method == "POST" else ""


def opened(client: Client, page: Page) -> str:
    answer = client.get(page.address)
    streamed = answer.streaming or not answer["content-type"].startswith("text/html")
    return "" if streamed or answer.status_code != 200 else answer.content.decode()


def sent(client: Client, page: Page, form: Form, day: str) -> Any:
    address = urljoin(page.address, form.action or page.address)
    return client.post(address, form.typed(day)) if form.method == "post" else client.get(address, form.typed(day))


def dated_forms(client: Client, found: list[Page]) -> Iterator[tuple[Page, Form]]:
    for page in found:
        for form in Forms(opened(client, page)).found:
            if form.dated:
                yield page, form


def swept(client: Client, found: list[Page]) -> tuple[dict[str, str], set[str]]:
    """Faults by the page and its fields; and the fields that were typed into."""
    faults: dict[str, str] = {}
    fields: set[str] = set()
    for page, form in dated_forms(client, found):
        fields |= {f"{page.name} {name}" for name in form.dated}
        for day in DAYS:
            if fault := tried(partial(sent, client, page, form, day)):
                faults[f"{page.address} {sorted(form.dated)} {day}"] = fault
    return faults, fields


@pytest.fixture
def client() -> Client:
    found_brand(2)
    by = User.objects.get(username="admin")
    receive_upload(kind="members", chunks=[b"external_id\nC9\n"], file_name="a.csv", by=by, now=timezone.now())
    return signed_in(by)


def looked_at() -> list[Page]:
    return [page for page in pages() if not page.posted]


@pytest.mark.slow
def test_no_field_takes_a_year_that_no_calendar_bears(client: Client) -> None:
    faults, fields = swept(client, looked_at())
    assert not faults, "\n".join(f"{where}: {fault}" for where, fault in faults.items())
    assert len(fields) > 20, sorted(fields)


@pytest.mark.slow
def test_no_address_fails_over_a_year_that_no_calendar_bears(client: Client) -> None:
    faults = {}
    for page in looked_at():
        for day in DAYS:
            query = urlencode(dict.fromkeys(IN_ADDRESSES, day) | {"month": day[:7], "year": day[:4]})
            address = f"{page.address}{'&' if '?' in page.address else '?'}{query}"
            if fault := tried(partial(client.get, address)):
                faults[address] = fault
    assert not faults, "\n".join(f"{where}: {fault}" for where, fault in faults.items())


@pytest.mark.slow
def test_no_list_fails_over_a_year_that_no_calendar_bears(client: Client) -> None:
    faults = {}
    for model in admin.site._registry:
        for column in model._meta.concrete_fields:
            for day in DAYS if isinstance(column, models.DateField) else ():
                names = [f"{column.name}_{end}{part}" for end in ("from", "to") for part in ("", "_0")]
                lookups = dict.fromkeys(names, day) | {
                    f"{column.name}__gte": day,
                    f"{column.name}__lt": day,
                    f"{column.name}__year": day[:4],
                }
                for name, value in lookups.items():
                    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                    if fault := tried(partial(client.get, f"{address}?{name}={value}")):
                        faults[f"{address}?{name}={value}"] = fault
    assert not faults, "\n".join(f"{where}: {fault}" for where, fault in faults.items())


@pytest.mark.slow
def test_no_filter_of_members_fails_over_a_year_that_no_calendar_bears(client: Client) -> None:
    faults, members = {}, reverse("admin:members_member_changelist")
    names = [name for entry in member_filters for name in entry.names if name.endswith(("_from", "_to"))]
    for name, day in product(names, DAYS):
        if fault := tried(partial(client.get, f"{members}?{name}={day}")):
            faults[f"{name} {day}"] = fault
    assert not faults, "\n".join(f"{where}: {fault}" for where, fault in faults.items())
    assert "registered_from" in names


@pytest.mark.slow
def test_no_act_takes_a_year_that_no_calendar_bears() -> None:
    """The same acts that leave a record with a day of today."""
    faults: dict[str, str] = {}
    acted: set[str] = set()
    for name, make in ACTS.items():
        for day in DAYS:
            if fault := tried(partial(act_of, name, make, day, acted)):
                faults[f"{name} {day}"] = fault
    assert not faults, "\n".join(f"{where}: {fault}" for where, fault in faults.items())
    assert len(acted) > 8, sorted(acted)


def act_of(name: str, make: Any, day: str, acted: set[str]) -> Any:
    cast = Cast()
    act = make(cast)
    dated = {
        key: TYPED.sub(day, value)
        for key, value in act.body.items()
        if isinstance(value, str) and not isinstance(value, SimpleUploadedFile) and TYPED.match(value)
    }
    if not dated:
        return None
    acted.add(name)
    return (act.client or cast.client).post(act.address, act.body | dated)


def test_purchases_are_listed_by_whole_local_days(client: Client) -> None:
    """The last day too; a bound of no possible year narrows nothing."""
    day = timezone.localdate(Purchase.objects.latest("occurred_at").occurred_at)
    every = Purchase.objects.count()
    on_it = sum(timezone.localdate(each.occurred_at) == day for each in Purchase.objects.all())

    def listed(**bounds: str) -> int:
        query = urlencode({f"occurred_at_{end}": value for end, value in bounds.items()})
        answer = client.get(f"{reverse('admin:timeline_purchase_changelist')}?{query}")
        return int(answer.context["cl"].queryset.count())

    assert listed(**{"from": "", "to": ""}) == every
    assert listed(**{"from": day.isoformat(), "to": day.isoformat()}) == on_it > 0
    assert listed(**{"from": DAYS[0], "to": DAYS[1]}) == every


def test_planted_field_that_takes_any_year_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    name, acted = "community:group_edit", set[str]()
    act = partial(act_of, name, ACTS[name], DAYS[0], acted)
    assert tried(act) == ""
    monkeypatch.setattr(editing, "read_day", date.fromisoformat)
    monkeypatch.setattr(groups, "EARLIEST", date.min)
    assert tried(act) == "community.Group.opened_on"
    assert acted == {name}
