"""The errors of the API in its OpenAPI description, for every operation at once."""

from typing import Any

_STRING = {"type": "string"}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields", "hint"],
            "properties": {
                "code": {**_STRING, "description": "Stable, for machines"},
                "message": {**_STRING, "description": "For people, in the language of the request"},
                "fields": {
                    "type": "object",
                    "description": "What is wrong with which value, by dotted path",
                    "additionalProperties": {"type": "array", "items": _STRING},
                },
                "hint": {**_STRING, "description": "What to do about it"},
            },
        }
    },
}
ALWAYS = {
    "400": "A value cannot be accepted",
    "401": "No valid key or session",
    "403": "The key or its user may not do this",
    "406": "Only JSON is spoken here",
    "429": "Too many requests; see Retry-After",
}
WITH_PATH = {"404": "There is no such object, or none that the caller may know of"}
WITH_BODY = {
    **WITH_PATH,
    "409": "The state does not permit it, or the same request is in flight",
    "413": "The body is too large",
    "415": "Only JSON is read here",
    "422": "Understood, but impossible; also an idempotency key that stands for another request",
}
_BODY_METHODS = frozenset({"post", "put", "patch", "delete"})
_METHODS = _BODY_METHODS | {"get", "head", "options"}


def document_errors(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """A POSTPROCESSING_HOOK of drf-spectacular. What an operation says itself is left as it is."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    for path, operations in result["paths"].items():
        for method in _METHODS & operations.keys():
            responses = operations[method].setdefault("responses", {})
            for status, description in _errors_of(method, path).items():
                responses.setdefault(status, _response(description))
    return result


def _errors_of(method: str, path: str) -> dict[str, str]:
    return {
        **ALWAYS,
        **(WITH_PATH if "{" in path else {}),
        **(WITH_BODY if method in _BODY_METHODS else {}),
    }


def _response(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
