"""What could not be done with WeCom. Four kinds decide what a caller does next: see `WecomFailed`."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, FieldErrors, NotFound, OutsideFailed, Text, Unprocessable, ValidationFailed


class WecomFailed(OutsideFailed):
    """A call that did not do what was asked: `api` names the operation, `errcode` is the platform's, 0 for none.

    Its subclasses say what to do next, and `errmsg` never does: the platform changes its words as it likes. The
    `trace` is the platform's own mark of the call, for a question to its support.
    """

    code = "wecom_failed"
    message = _("WeCom did not do what was asked.")

    def __init__(
        self, message: Text | None = None, *, api: str = "", errcode: int = 0, hint: Text = "", trace: str = ""
    ) -> None:
        self.api, self.errcode, self.trace = api, errcode, trace
        super().__init__(message, hint=hint)


class Retryable(WecomFailed):
    """Nothing was done, and later it may be: it was tried again already. `retry_after` seconds, if that is known."""

    code = "wecom_retryable"
    message = _("WeCom is busy.")
    hint: Text = _("Try again in a few minutes.")
    retry_after: float | None = None


class ApiBlocked(Retryable):
    """The operation is stopped for this corp, because it was called too often; nothing was sent."""

    code = "wecom_blocked"
    message = _("WeCom has stopped this operation for a while, because it was called too often.")
    hint: Text = _("It goes on by itself when the time is over.")

    def __init__(self, *, api: str, errcode: int, retry_after: float) -> None:
        super().__init__(api=api, errcode=errcode)
        self.retry_after = retry_after


class TokenProblem(WecomFailed):
    """The platform does not take our token, nor a new one; or it gives none for this secret."""

    code = "wecom_token"
    permanent: ClassVar[bool] = True
    message = _("WeCom does not accept who we say we are.")
    hint: Text = _("Copy the Secret of the app anew from WeCom's admin console.")


class Terminal(WecomFailed):
    """The platform refused, and would refuse the same call again."""

    code = "wecom_terminal"
    permanent: ClassVar[bool] = True


class UnknownAfterDispatch(WecomFailed):
    """The call may have been carried out or not, and carrying it out twice does harm: find out, do not repeat."""

    code = "wecom_unknown"
    message = _("WeCom was asked, and its answer did not arrive: whether it was done is not known.")
    hint: Text = _("Look at the result in WeCom before it is asked again.")


class CallMalformed(ValidationFailed):
    """The call does not fit the operation, by our own table; nothing was sent. A mistake of the program."""

    code = "wecom_call_malformed"
    message = _("This call does not fit WeCom's operation.")


class NoSecret(Unprocessable):
    """The app cannot speak: it is switched off, or has no secret."""

    code = "wecom_no_secret"
    message = _("This WeCom app is switched off or has no Secret.")
    hint: Text = _("Enter its Secret, or switch the app and its corp on.")


class CorpNotSaved(ValidationFailed):
    """A value of the corp or of its app cannot be accepted; `fields` says which."""

    code = "wecom_corp_not_saved"
    message = _("This was not saved: some values are not valid.")

    def __init__(self, fields: FieldErrors) -> None:
        super().__init__(fields=fields)


class CallbackRefused(Unprocessable):
    """What called our address is not taken; `reason` is one of `wecom.enums.Refusal`."""

    code = "wecom_callback_refused"
    message = _("This call was refused.")

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


class NoSuchCallbackApp(NotFound):
    """There is no app of that number that takes callbacks."""

    code = "wecom_no_such_callback_app"


class NothingToReplay(Conflict):
    """None of the callbacks can be worked on again: they wait already, or their content was forgotten."""

    code = "wecom_nothing_to_replay"
    message = _("Nothing to do again: these callbacks are waiting already, or their content has been forgotten.")
