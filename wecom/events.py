"""What WeCom tells the apps above, who wants to hear it, and what is done here in the words of the record of acts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.registries import Registry, name_acts

#: A field of a callback: a text, or for elements that repeat or have parts a list or a mapping of such.
Value = str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, kw_only=True)
class Callback:
    """One callback, decrypted: `fields` are all elements of its body under the platform's own names.

    `number` is the same at every attempt: whoever must act once only keeps it. `happened_at` has whole seconds.
    """

    number: int
    corp_id: int
    app_id: int
    event: str
    change: str
    happened_at: datetime | None
    received_at: datetime
    fields: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class CallbackHandler:
    """Who does something about callbacks of an `event`, of all its variants unless `change` names one.

    `handle(callback, now)` runs outside of a transaction, may be called again with the same callback, and raises to be
    called later. Handlers of one callback run in their order; one that has ended well is not called again.
    """

    code: str
    event: str
    handle: Callable[[Callback, datetime], None]
    change: str = ""
    order: int = 100

    def wants(self, event: str, change: str) -> bool:
        return self.event == event and self.change in {"", change}


callback_handlers: Registry[CallbackHandler] = Registry("WeCom callback handlers")

name_acts(
    "wecom",
    create_corp=_("Connected a corp of WeCom"),
    change_corp=_("Changed a corp of WeCom"),
    create_app=_("Added a WeCom app"),
    change_app=_("Changed a WeCom app"),
    replay_callbacks=_("Had callbacks of WeCom worked on again"),
    forget_person=_("Forgot a person in callbacks of WeCom"),
)
