"""Where seals are brought besides the database: a file, and by settings an object store and a person's mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from audit.enums import Place
from audit.models import AuditAnchor, AuditSeal
from audit.services import seal_file
from core.http import Answer, Client, OutgoingFailed

ALREADY_THERE = 412
OK = range(200, 300)
MAIL_EVERY = timedelta(hours=24)


class SecondPlace(Protocol):
    """`take` brings some seals there, in order, and answers the number of the last one that arrived."""

    @property
    def code(self) -> Place: ...

    def due(self, anchor: AuditAnchor, now: datetime) -> bool: ...

    def take(self, seals: Sequence[AuditSeal]) -> int: ...


@dataclass(frozen=True)
class SealFile:
    code: Place = Place.FILE

    def due(self, anchor: AuditAnchor, now: datetime) -> bool:  # noqa: ARG002  # always
        return True

    def take(self, seals: Sequence[AuditSeal]) -> int:
        seal_file.append(seals[0].log, [seal.line for seal in seals])
        return seals[-1].number


@dataclass(frozen=True)
class ObjectStore:
    """HTTP PUT of an object per seal below an address; one that is there already is never replaced.

    It is compared instead, where the store lets us read: another seal under its number is what an anchor is there for.
    """

    url: str
    token: str = ""
    code: Place = Place.STORE

    def due(self, anchor: AuditAnchor, now: datetime) -> bool:  # noqa: ARG002  # always
        return True

    def take(self, seals: Sequence[AuditSeal]) -> int:
        headers = {**self._allowed, "Content-Type": "application/json", "If-None-Match": "*"}
        with Client() as client:
            for seal in seals:
                address = self._address(seal.log, seal.number)
                answer = client.request("PUT", address, headers=headers, body=seal.line)
                if answer.status == ALREADY_THERE:
                    _require_same(client.request("GET", address, headers=self._allowed), seal)
                elif answer.status not in OK:
                    raise OutgoingFailed(
                        _("The object store answered with status %(status)s.") % {"status": answer.status}
                    )
        return seals[-1].number

    def read(self, log: UUID, number: int) -> Answer:
        """What lies there under this number."""
        with Client() as client:
            return client.request("GET", self._address(log, number), headers=self._allowed)

    @property
    def _allowed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _address(self, log: UUID, number: int) -> str:
        return f"{self.url.rstrip('/')}/{log}/{number:012}.json"


@dataclass(frozen=True)
class Mailbox:
    """Once a day the latest seal: it vouches for all before it."""

    officer: str
    code: Place = Place.MAIL

    def due(self, anchor: AuditAnchor, now: datetime) -> bool:
        return anchor.delivered_at is None or now - anchor.delivered_at >= MAIL_EVERY

    def take(self, seals: Sequence[AuditSeal]) -> int:
        seal = seals[-1]
        EmailMessage(
            subject=_("Audit seal %(number)s") % {"number": seal.number},
            body=_("Keep this message. It proves what the audit held when it was sent.")
            + f"\n\n{seal.line.decode()}\n",
            to=[self.officer],
        ).send()
        return seal.number


def _require_same(answer: Answer, seal: AuditSeal) -> None:
    if answer.status in OK and answer.body != seal.line:
        raise OutgoingFailed(_("The object store holds another seal %(number)s.") % {"number": seal.number})


def second_places() -> list[SecondPlace]:
    places: list[SecondPlace] = [SealFile()]
    if settings.SCRM_SEAL_STORE_URL:
        places.append(ObjectStore(settings.SCRM_SEAL_STORE_URL, settings.SCRM_SEAL_STORE_TOKEN))
    if settings.SCRM_SEAL_MAIL_TO:
        places.append(Mailbox(settings.SCRM_SEAL_MAIL_TO))
    return places
