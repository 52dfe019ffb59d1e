"""How a body says whom it means: {"id": 5}, or {"type": "external_id", "value": "17850"}.

References are resolved all at once and within what the caller may see: a member of another store does not exist here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from core.api.fields import INT64
from core.rules.normalise import NotNormal
from members.enums import IdentityType
from members.rules.identities import LENGTH, normalise
from members.selectors import lookup_of
from members.selectors.visibility import visible_members

IDENTITY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "value"],
    "properties": {
        "type": {"type": "string", "enum": list(IdentityType.values)},
        "value": {"type": "string", "minLength": 1, "maxLength": LENGTH},
    },
    "additionalProperties": False,
    "example": {"type": "external_id", "value": "17850"},
}
REFERENCE_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "integer", "minimum": 1, "maximum": INT64}},
            "additionalProperties": False,
        },
        IDENTITY_SCHEMA,
    ]
}


@dataclass(frozen=True)
class Reference:
    """Whom a body means: by number, or by one of the identities."""

    member_id: int = 0
    type: str = ""
    lookup: str = ""


@extend_schema_field(REFERENCE_SCHEMA)
class MemberReferenceField(serializers.Field[Any, Any, Any, Any]):
    """Reads a `Reference`; whether there is such a member, `Resolver` says for all of a body at once."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "shape": _('Say {{"id": …}} or {{"type": …, "value": …}}.'),
        "id": _("This is not a member's number."),
        "type": _("There is no such kind of identity."),
        "value": _("This is not a value of that kind."),
    }

    def to_internal_value(self, data: Any) -> Reference:  # noqa: RET503  # `fail` raises
        match data:
            case {"id": int() as number, **rest} if not rest and not isinstance(number, bool):
                if not 0 < number <= INT64:
                    self.fail("id")
                return Reference(member_id=number)
            case {"type": str() as kind, "value": str() as value, **rest} if not rest:
                return self._identity(kind, value)
            case _:
                self.fail("shape")

    def to_representation(self, value: Any) -> Any:
        raise NotImplementedError("A reference is only written.")

    def _identity(self, kind: str, value: str) -> Reference:
        if kind not in IdentityType.values:
            self.fail("type")
        try:
            return identity_reference(kind, value)
        except NotNormal:
            self.fail("value")


def identity_reference(kind: str, value: str) -> Reference:
    """The reference to whoever is known by that. Raises NotNormal where the text is no value of the kind."""
    known = IdentityType(kind)
    return Reference(type=kind, lookup=lookup_of(known, normalise(known, value[: 2 * LENGTH])))


class Resolver:
    """Members of many references by at most two queries, within what `user` may know of."""

    def __init__(self, references: Iterable[Reference], *, user: User) -> None:
        wanted = set(references)
        self._found = visible_members(
            ids={reference.member_id for reference in wanted if reference.member_id},
            lookups={(reference.type, reference.lookup) for reference in wanted if reference.lookup},
            user=user,
        )

    def member_id(self, reference: Reference) -> int | None:
        """None where there is no such member, for this user."""
        return self._found.get(reference.member_id or (reference.type, reference.lookup))
