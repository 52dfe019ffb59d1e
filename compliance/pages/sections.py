"""What other parts add to the privacy centre of a member: her requests, for one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from core.registries import Registry
from members.models import Member


@dataclass(frozen=True, kw_only=True)
class PrivacySection:
    """A part of the page below the switches. `load` answers the template's context, None hides it.

    `act` takes a POST to `…/<code>/` of her link, within the same checks (link, CSRF, rate), and answers a word for
    the confirmation, which is one of `done`.
    """

    code: str
    template: str
    load: Callable[[HttpRequest, Member], Mapping[str, Any] | None]
    act: Callable[[HttpRequest, Member], str] | None = None
    done: Mapping[str, Any] | None = None
    order: int = 100


privacy_sections: Registry[PrivacySection] = Registry("sections of the privacy centre")
