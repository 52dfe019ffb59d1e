"""Compiles the catalogues, checks that both languages are complete, prints what is still to be translated."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import catalogues
from core.catalogues import PO, Use, Word

# Packages whose words a user sees; core's catalogue carries the Chinese that they lack.
FOREIGN = (
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django_celery_beat",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
)
DJANGO = ("django.conf", "django.contrib.admin", "django.contrib.auth")


class Command(BaseCommand):
    help = "Compile the translations, check that they are complete, or print stubs of what is missing."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--compile", action="store_true", help="write a .mo beside every .po, without gettext")
        act.add_argument("--check", action="store_true", help="fail unless every word has its Chinese")
        act.add_argument("--missing", metavar="APP", help="print the entries to append to the catalogue of APP")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["compile"]:
            self._compile()
        elif options["check"]:
            self._check()
        else:
            self._missing(options["missing"])

    def _compile(self) -> None:
        paths = [folder / PO for folder in own_folders().values() if (folder / PO).exists()]
        written = sum(catalogues.compile_catalogue(path) for path in paths)
        self.stdout.write(f"{len(paths)} catalogues, {written} compiled.")

    def _check(self) -> None:
        faults = all_faults()
        for fault in faults:
            self.stdout.write(str(fault))
        if faults:
            raise CommandError(f"{len(faults)} faults in the translations.")
        self.stdout.write("Every word has its Chinese.")

    def _missing(self, app: str) -> None:
        folders = own_folders()
        if app not in folders:
            raise CommandError(f"There is no app {app!r}; there are {', '.join(sorted(folders))}.")
        known = {word for catalogue in own_catalogues().values() for word in catalogues.messages_of(catalogue)}
        words = catalogues.words_in(folders[app])
        if app == "core":
            elsewhere = translated_elsewhere()
            foreign = {word: use for word, use in foreign_words().items() if word not in elsewhere}
            words = {**words, **foreign, **catalogues.words_in(settings.BASE_DIR / "templates")}
        missing = [(word, use) for word, use in words.items() if word not in known]
        self.stdout.write(catalogues.stubs(missing, settings.BASE_DIR))


def own_folders() -> dict[str, Path]:
    """Our apps by label, in the order in which Django reads their catalogues."""
    configs = [config for config in apps.get_app_configs() if Path(config.path).is_relative_to(settings.BASE_DIR)]
    return {config.label: Path(config.path) for config in configs if not _installed(Path(config.path))}


def own_words() -> dict[str, dict[Word, Use]]:
    shared = {"templates": settings.BASE_DIR / "templates"}
    return {label: catalogues.words_in(folder) for label, folder in (own_folders() | shared).items()}


def own_catalogues() -> dict[str, Catalog]:
    return {label: catalogues.read_catalogue(folder / PO) for label, folder in own_folders().items()}


def foreign_words() -> dict[Word, Use]:
    """Every word of the packages whose words users see."""
    return {word: use for folder in _foreign_folders(*FOREIGN) for word, use in catalogues.words_in(folder).items()}


def translated_elsewhere() -> set[Word]:
    """Words that Django or those packages have Chinese for."""
    return {word for folder in _foreign_folders(*DJANGO, *FOREIGN) for word in catalogues.compiled_words(folder)}


def all_faults() -> list[catalogues.Fault]:
    """What is wrong with the words of the whole project."""
    return catalogues.check(own_words(), own_catalogues(), foreign=foreign_words(), elsewhere=translated_elsewhere())


def _foreign_folders(*packages: str) -> Iterator[Path]:
    for package in packages:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            yield Path(spec.submodule_search_locations[0])


def _installed(folder: Path) -> bool:
    """In a virtual environment that lies inside the checkout."""
    return "site-packages" in folder.parts
