"""What an import cannot do."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, ScrmError, TooLarge, ValidationFailed


class MappingIncomplete(ValidationFailed):
    """Required fields have no column; `fields` names them."""

    code = "mapping_incomplete"
    message = _("Some required fields have no column.")


class MappingInvalid(ValidationFailed):
    """The mapping names something that does not exist."""

    code = "mapping_invalid"
    message = _("The mapping cannot be used.")


class ImportRunning(Conflict):
    """Another process works on this import."""

    code = "import_running"
    message = _("This import is being worked on by another process.")


class ImportStateWrong(Conflict):
    """The import is not in a state that allows it."""

    code = "import_state"
    message = _("The import is not in a state that allows this.")


class FileChanged(Conflict):
    """The file was changed or removed between the beginning of the import and its continuation."""

    code = "file_changed"
    message = _("The file was changed or removed since the import began. Start a new import.")


class FileNotKept(Conflict):
    """The file of an import lies here no longer, or is another one by now."""

    code = "file_not_kept"
    message = _("The file is no longer kept. Upload it again.")


class CountsDiffer(ScrmError):
    """Rows read are not the rows stored, there before or rejected: a fault of the product, so nothing is stored."""

    code = "counts_differ"
    message = _(
        "The rows stored and rejected are not the rows that were read, so nothing was stored. "
        "The file is not at fault: tell who looks after the server."
    )


class UploadTooLarge(TooLarge):
    """The uploaded file is beyond the limit of the web; the command has none."""

    code = "upload_too_large"
    message = _("The file is too large for the browser. Import it on the server with a command.")


class TooManyAttempts(Conflict):
    """Every attempt at the import was cut short."""

    code = "too_many_attempts"
    message = _("The import was interrupted too often and has been given up. Ask who looks after the server.")


class ImportsInTheWay(Conflict):
    """An import that is going on could bring back a member who is being erased."""

    code = "imports_in_the_way"
    message = _("An import is going on that may name this member. The erasure continues when it has ended.")
