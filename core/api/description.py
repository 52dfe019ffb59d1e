"""What every operation says of itself in the OpenAPI description: its scope, and the key that makes a POST repeatable."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from core.api.permissions import required_scope
from core.api.views import ApiMixin

IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=False,
    type={"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]{0,198}[!-~])?$"},
    description=str(
        _(
            "A text of your choice that names this act, such as a random UUID. The same key with the same body answers "
            "what was answered the first time, and nothing is done twice."
        )
    ),
)


class ApiSchema(AutoSchema):
    """Errors are added by `core.api.schema.document_errors`."""

    def get_description(self) -> str:
        text = str(super().get_description() or "").strip()
        scope = self._scope()
        return f"{text}\n\nScope: `{scope}`.".strip() if scope else text

    def get_tags(self) -> list[str]:
        tag = getattr(self.view, "tag", "")
        return [tag] if tag else list(super().get_tags())

    def get_extensions(self) -> dict[str, Any]:
        scope = self._scope()
        return {"x-scope": scope} if scope else {}

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        return [*parameters, IDEMPOTENCY_KEY] if self._scope() and self.method == "POST" else parameters

    def _scope(self) -> str:
        return required_scope(self.view, self.method) if isinstance(self.view, ApiMixin) else ""
