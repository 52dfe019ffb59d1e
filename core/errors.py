"""Errors an operator can read: each has a stable code for machines and a sentence for people."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
FieldErrors = Mapping[str, Sequence[Text]]


class ScrmError(Exception):
    """What could not be done. `status` is the one mapping from an error to HTTP; subclasses inherit it.

    Subclasses set `code`, `message` and, where it differs from their parent's, `status`; a raise may say more.
    `fields` names the values at fault ({"phone": ["…"]}); `hint` says what to do about it.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: Text = _("That did not work.")
    hint: Text = ""

    def __init__(self, message: Text | None = None, *, fields: FieldErrors | None = None, hint: Text = "") -> None:
        self.message = message or self.message
        self.fields: FieldErrors = fields or {}
        self.hint = hint or self.hint
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class ValidationFailed(ScrmError):
    """The values given cannot be accepted."""

    code = "invalid"
    message = _("Some values are not valid.")


class NotAuthenticated(ScrmError):
    """Nobody is known to be asking."""

    code = "not_authenticated"
    status = 401
    message = _("Sign in or send an API key.")


class NotAllowed(ScrmError):
    """The one who asks may not do this."""

    code = "not_allowed"
    status = 403
    message = _("You are not allowed to do this.")


class NotFound(ScrmError):
    """There is no such thing, or none that the one who asks may know of."""

    code = "not_found"
    status = 404
    message = _("There is no such object.")
    hint: Text = _("It may have been deleted, or lie outside of what you may see.")


class Conflict(ScrmError):
    """The present state does not permit it, or someone else was quicker."""

    code = "conflict"
    status = 409
    message = _("This was changed by someone else in the meantime, or is being changed right now.")


class Gone(ScrmError):
    """It was here and has been erased for good."""

    code = "erased"
    status = 410
    message = _("These data have been erased.")


class TooLarge(ScrmError):
    """More was sent than is accepted."""

    code = "too_large"
    status = 413
    message = _("That is larger than what is accepted.")


class Unprocessable(ScrmError):
    """Understood, well formed, and yet impossible."""

    code = "unprocessable"
    status = 422
    message = _("This request cannot be processed.")


class TooManyRequests(ScrmError):
    """Slow down; `retry_after` says for how many seconds."""

    code = "too_many_requests"
    status = 429
    message = _("Too many requests. Try again later.")

    def __init__(self, *, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()


class OutsideFailed(ScrmError):
    """A system outside did not answer as it should. `permanent` says that trying again is of no use."""

    code = "outside_failed"
    status = 502
    message = _("A system outside did not answer as expected.")
    permanent: ClassVar[bool] = False
