"""E-mail by the brand's own mail server (SCRM_MAIL_HOST and the settings beside it).

SMTP has no key: a Message-ID of ours tells a human reader that two mails are one, and no server refuses the second. So
the promise is none: what broke between the last line of a mail and the server's word is in doubt. Every mail carries
List-Unsubscribe and its one-click form (RFC 8058), and says the same in its text.
"""

import smtplib
import ssl
from dataclasses import replace
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from compliance.enums.consent import Channel
from core.errors import FieldErrors
from members.enums import IdentityType
from messaging.channels.contract import Connection, Message, Result, Setup, adapters
from messaging.enums import Idempotency, Outcome
from messaging.rules.promises import Promise

PERMANENT = range(500, 600)
SUCCESS = range(200, 300)


class Email:
    """One mail at a time: where nothing is promised, no more than one is ever in doubt."""

    code = "smtp"
    label = _("E-mail by SMTP")
    order = 20
    channels = (Channel.EMAIL,)
    identity = IdentityType.EMAIL
    links_refusal = True
    parallel = 1

    def faults(self, setup: Setup) -> FieldErrors:
        found: dict[str, list[Any]] = {}
        try:
            validate_email(setup.settings.get("from", ""))
        except ValidationError:
            found["from"] = [_("An e-mail address that answers reach.")]
        if not str(setup.settings.get("link_base", "")).startswith("https://"):
            found["link_base"] = [_("The address of this site, https://…, for the link by which a member refuses.")]
        if not setup.refusal:
            found["refusal"] = [_("Say in a few words what the link is for, such as 退订邮件.")]
        return found

    def promise(self, setup: Setup) -> Promise:
        del setup
        return Promise(kind=Idempotency.NONE)

    def open(self, setup: Setup) -> Connection:
        return SmtpConnection(setup)

    def compose(self, setup: Setup, message: Message) -> Message:
        url = f"{setup.settings['link_base'].rstrip('/')}{message.refuse_url}" if message.refuse_url else ""
        text = f"{message.text.rstrip()}\n\n--\n{setup.sender}\n{setup.refusal}: {url}\n"
        return replace(message, text=text, refuse_url=url)


class SmtpConnection:
    """Opened with the first mail, opened anew after a fault."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._server: smtplib.SMTP | None = None

    def send(self, message: Message) -> Result:
        try:
            mail = self._mail(message)
        except (ValueError, MessageError):
            return Result(outcome=Outcome.REFUSED, error="address_not_valid")
        try:
            server = self._connected()
            refused = self._envelope(server, mail)
        except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
            self.close()
            return Result(outcome=Outcome.LATER, error=f"not_connected_{type(error).__name__}"[:80])
        return refused or self._content(server, mail)

    def ask(self, message: Message) -> Result | None:
        """SMTP answers no questions."""
        del message
        return Result(outcome=Outcome.UNKNOWN, error="not_told")

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT)
            if settings.EMAIL_USE_TLS:
                self._server.starttls(context=ssl.create_default_context())
            if settings.EMAIL_HOST_USER:
                self._server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            self._server.ehlo_or_helo_if_needed()
        return self._server

    def _envelope(self, server: smtplib.SMTP, mail: EmailMessage) -> Result | None:
        """Until DATA nothing is taken: whatever happens here, the mail did not go. None: the server waits for it."""
        (to,) = mail["To"].addresses
        code, _words = server.mail(self._setup.settings["from"])
        if code in SUCCESS:
            code, _words = server.rcpt(to.addr_spec)
        if code in SUCCESS:
            return None
        server.rset()
        return _refused(code)

    def _content(self, server: smtplib.SMTP, mail: EmailMessage) -> Result:
        """From here on no answer means that nobody knows."""
        try:
            code, _words = server.data(mail.as_bytes(policy=SMTP))
        except smtplib.SMTPDataError as error:  # the server said no to the command itself
            return _refused(error.smtp_code)
        except (smtplib.SMTPException, ssl.SSLError, OSError):
            self.close()
            return Result(outcome=Outcome.UNKNOWN, error="broke_after_data")
        if code not in SUCCESS:
            return _refused(code)
        return Result(outcome=Outcome.SENT, external_id=message_id(mail))

    def _mail(self, message: Message) -> EmailMessage:
        """ValueError or MessageError for an address that the envelope cannot carry."""
        sender = self._setup.settings["from"]
        if not message.to or not message.to.isascii():
            raise ValueError(message.reference)
        mail = EmailMessage()
        mail["From"] = Address(display_name=_one_line(self._setup.sender), addr_spec=sender)
        mail["To"] = Address(addr_spec=message.to)
        mail["Subject"] = _one_line(message.subject)
        mail["Date"] = formatdate(localtime=False)
        mail["Message-ID"] = f"<{message.key}@{sender.rpartition('@')[2]}>"
        if message.refuse_url:
            mail["List-Unsubscribe"] = f"<{message.refuse_url}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.text)
        return mail


def message_id(mail: EmailMessage) -> str:
    return str(mail["Message-ID"]).strip("<>")[:80]


def _refused(code: int) -> Result:
    """5xx is for good, 4xx for now (RFC 5321, 4.2.1); either way the mail was not taken."""
    outcome = Outcome.REFUSED if code in PERMANENT else Outcome.LATER
    return Result(outcome=outcome, error=f"smtp_{code}")


def _one_line(text: str) -> str:
    return " ".join(text.split())


adapters.register(Email())
