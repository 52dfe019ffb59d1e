"""What every operation says of itself: its scope, the errors it may answer, the key that makes a POST repeatable."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from core.api.permissions import required_scope
from core.api.views import ApiMixin

IDEMPOTENCY_HEADER = "Idempotency-Key"


class FaultSerializer(serializers.Serializer[Any]):
    """One shape for all that goes wrong. `code` is for programs and never changes; `message` is for people."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]  # the name of the contract, not Serializer.fields
        child=serializers.ListField(child=serializers.CharField()),
        help_text=_("What is wrong with which field; a dot leads into a list or an object."),
    )
    hint = serializers.CharField()


class ErrorSerializer(serializers.Serializer[Any]):
    error = FaultSerializer()


ERRORS: Mapping[int, Any] = {
    400: _("The request is malformed, or a value is not valid; `fields` says which."),
    401: _("There is no key, or it is unknown, expired or revoked."),
    403: _("The key lacks the scope of this operation."),
    404: _("There is no such object, or the key may not know of it."),
    409: _("It contradicts the present state, or a request with the same Idempotency-Key is being served right now."),
    413: _("More was sent than is accepted at once."),
    415: _("Only application/json is understood."),
    422: _("Well formed, yet impossible; or the Idempotency-Key was used with another body before."),
    429: _("Too many requests: wait for the seconds in Retry-After."),
}
OF_EVERY_REQUEST = (400, 401, 403, 404, 429)
OF_WRITES = (409, 413, 415, 422)


class ApiSchema(AutoSchema):
    """Adds what the base view decides: scope, errors, header."""

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
        if self.method == "POST" and self._is_ours():
            parameters.append(IDEMPOTENCY_KEY)
        if self._is_ours():
            parameters.append(RETRY_AFTER)
        return parameters

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if not self._is_ours():
            return bodies
        statuses = OF_EVERY_REQUEST + (() if self.method in SAFE_METHODS else OF_WRITES)
        for status in statuses:
            answer = OpenApiResponse(ErrorSerializer, description=str(ERRORS[status]))
            bodies.setdefault(str(status), self._get_response_for_code(answer, str(status), direction=direction))
        return bodies

    def _is_ours(self) -> bool:
        return isinstance(self.view, ApiMixin)

    def _scope(self) -> str:
        return required_scope(self.view, self.method) if self._is_ours() else ""


IDEMPOTENCY_KEY = OpenApiParameter(
    name=IDEMPOTENCY_HEADER,
    location=OpenApiParameter.HEADER,
    required=False,
    type={"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[A-Za-z0-9_.:/+=-]+$"},
    description=str(
        _(
            "A text of your choice that names this act, such as a random UUID. The same key with the same body answers "
            "what was answered the first time, and nothing is done twice."
        )
    ),
)
RETRY_AFTER = OpenApiParameter(
    name="Retry-After",
    location=OpenApiParameter.HEADER,
    type=int,
    response=[429],
    description=str(_("Seconds to wait.")),
)
