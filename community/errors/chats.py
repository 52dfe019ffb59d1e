"""What is wrong with a chat that somebody brings."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import lazystr
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.errors import Conflict, ScrmError, TooLarge, ValidationFailed
from core.files import UnreadableFile


class ChatNotUsable(ValidationFailed):
    """The file as a whole is of no use, or contradicts itself: nothing of it was stored. `reason` is stable."""

    code = "chat_not_usable"
    MESSAGES: ClassVar[dict[str, Any]] = {
        "json_broken": _(
            "The JSON breaks off or is damaged at line %(line)s, column %(column)s. Export the chat again; nothing was stored."
        ),
        "json_shape": _(
            "In the JSON there is no list of messages. A list of objects is expected, one for each message."
        ),
        "columns_missing": _(
            "No column tells %(missing)s. The columns are: %(names)s. Rename one, for example to “%(example)s”, and try again."
        ),
        "no_group": _(
            "The file does not say which group its rows are of. Choose the group, or add a column “group” with its name or number."
        ),
        "no_owner": _(
            "The file names no owner of the chat “%(group)s”, and none is known. Put “owner” (群主) in the column of roles; nothing was stored."
        ),
        "changed_meanwhile": _(
            "The group was changed while the list was read; nothing of it was stored. Upload it again."
        ),
        "rows_wrong": ngettext_lazy(
            "%(count)s row of the list cannot be taken over, so nothing of it was stored. Correct the row below and upload it again.",
            "%(count)s rows of the list cannot be taken over, so nothing of it was stored. Correct the rows below and upload it again.",
            "count",
        ),
    }

    def __init__(self, reason: str, **facts: object) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(lazystr(self))

    def __str__(self) -> str:
        return str(self.MESSAGES[self.reason] % self.facts)


class MessagesNotStored(ValidationFailed):
    """A batch of messages cannot be stored; nothing of it was."""

    code = "messages_not_stored"
    message = _("The messages cannot be stored; nothing of them was.")


class ChatBusy(Conflict):
    """Another worker has this import."""

    code = "chat_import_busy"
    message = _("This import is being worked on by another process.")


class ChatGone(Conflict):
    """The file of an import is not there any more."""

    code = "chat_file_gone"
    message = _("The file was removed since the import began. Upload it again; what is stored is not stored twice.")


class ChatTooOften(Conflict):
    """Every attempt was cut short."""

    code = "chat_import_given_up"
    message = _("The import was interrupted too often and has been given up. Ask who looks after the server.")


class ChatStateWrong(Conflict):
    """The import has ended."""

    code = "chat_import_state"
    message = _("The import is not in a state that allows this.")


class ChatTooLarge(TooLarge):
    """Beyond what is read at once."""

    code = "chat_too_large"
    message = _("The file is too large to be read at once. Save it as CSV or as JSON with one message per line.")


def as_json(error: ScrmError) -> dict[str, Any]:
    """Kept without a language: the reader's decides when it is shown."""
    if isinstance(error, UnreadableFile):
        return {"file": error.reason, "line": error.line, "column": error.column, "facts": error.facts}
    if isinstance(error, ChatNotUsable):
        return {"chat": error.reason, "facts": {name: _plain(value) for name, value in error.facts.items()}}
    return {"code": error.code, "hint": str(error.hint)}


def _plain(value: object) -> int | str:
    """Numbers stay numbers: a sentence has another form for one."""
    return value if isinstance(value, int) else str(value)


_PLAIN = {each.code: each for each in (MessagesNotStored, ChatGone, ChatTooOften, ChatTooLarge)}


def error_text(kept: Mapping[str, Any]) -> str:
    """The sentence for what `as_json` kept, in the reader's language."""
    if not kept:
        return ""
    if "file" in kept:
        return str(UnreadableFile(kept["file"], line=kept["line"], column=kept["column"], **kept["facts"]))
    if "chat" in kept:
        return str(ChatNotUsable(kept["chat"], **kept["facts"]))
    known = _PLAIN.get(kept.get("code", ""))
    return str(known.message) if known else _now("That did not work.")
