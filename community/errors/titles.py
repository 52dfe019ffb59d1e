"""What cannot be done with titles."""

from django.utils.translation import gettext_lazy as _

from core.errors import ValidationFailed


class TitleNotValid(ValidationFailed):
    code = "title_not_valid"
    message = _("The title cannot be saved so.")
