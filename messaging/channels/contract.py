"""What every channel keeps to, so that the ledger can choose what to do with each message.

A kind of gateway (`Adapter`) says what settings it takes and what it promises with them, and opens a `Connection`. Its
`send` answers what became of one message and raises nothing: an answer that is not clear is `Outcome.UNKNOWN`. Nothing
here reads or writes rows: an adapter that will carry mini-program or official-account messages is one more folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.errors import FieldErrors, Text
from core.registries import Registry
from members.enums import IdentityType
from messaging.enums import Outcome
from messaging.rules.promises import Promise


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message as it goes out. `key` is the same at every try; `reference` is our number for it.

    `to` is the address in clear ("" where the channel needs none); `refuse_url` a page where she refuses by one tap.
    """

    key: str
    reference: int
    member_id: int
    to: str = ""
    subject: str = ""
    text: str
    refuse_url: str = ""
    purpose: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Result:
    """`error` is a short code of the gateway's or ours; never a text with an address in it."""

    outcome: Outcome
    external_id: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A gateway's row as an adapter takes it, its secret opened."""

    sender: str
    refusal: str
    settings: Mapping[str, Any]
    secret: str


class Connection(Protocol):
    """Open for a batch or many; used by several threads at once if the adapter says so (`parallel`)."""

    def send(self, message: Message) -> Result: ...

    def ask(self, message: Message) -> Result | None:
        """What became of a message offered before: None where the gateway does not know it."""

    def close(self) -> None: ...


class Adapter(Protocol):
    """One kind of gateway."""

    @property
    def code(self) -> str: ...

    @property
    def label(self) -> Text: ...

    @property
    def order(self) -> int: ...

    @property
    def channels(self) -> Sequence[str]: ...

    @property
    def identity(self) -> IdentityType | None:
        """What a message is sent to; None where the gateway knows members by our own number."""

    @property
    def links_refusal(self) -> bool:
        """Whether `compose` takes the page where she refuses by one tap."""

    @property
    def parallel(self) -> int:
        """Calls that may be under way at once over one connection."""

    def faults(self, setup: Setup) -> FieldErrors:
        """What is wrong with the settings, by name; empty: a message could go."""

    def promise(self, setup: Setup) -> Promise: ...

    def open(self, setup: Setup) -> Connection: ...

    def compose(self, setup: Setup, message: Message) -> Message:
        """The message with the blocks that the law asks for; what a preview shows is what goes."""


adapters: Registry[Adapter] = Registry("channel adapters")
