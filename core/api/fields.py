"""Fields that take exactly what the schema says: no number where a text is asked for, no time without its offset."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.moments import END, FIRST_BIRTHDAY, LAST_DAY

INT64 = 2**63 - 1
OLDEST = datetime(1902, 1, 1, tzinfo=UTC)


class StrictSerializer(serializers.Serializer[Any]):
    """A body in which an unknown name is an error: a mistyped optional field would otherwise be lost in silence."""

    default_error_messages: ClassVar[dict[str, Any]] = {"unknown": _("There is no such field here.")}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in set(data) - set(self.fields))
            if unknown:
                message = serializers.ErrorDetail(str(self.error_messages["unknown"]), code="unknown_field")
                raise serializers.ValidationError({name[:100]: [message] for name in unknown[:20]})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """A JSON string; surrounding space falls away."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class CodeField(TextField):
    """A text that names something: not blank."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        super().__init__(**kwargs)


class ChoiceField(serializers.ChoiceField):
    """One of the choices, as a JSON string."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:40])
        return super().to_internal_value(data)


class WholeField(serializers.IntegerField):
    """A JSON integer that fits 64 bits; not "5", not 5.0, not true."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 1)
        kwargs.setdefault("max_value", INT64)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class BooleanField(serializers.BooleanField):
    """true or false, not "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:40])
        return data


class MomentField(serializers.DateTimeField):
    """A point in time with its offset from UTC; without one nobody knows which hour is meant."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "naive": _("Say the offset from UTC, for example 2026-11-22T20:00:00+08:00."),
        "too_old": _("This lies before the year 1902."),  # local time had seconds then, which ISO 8601 cannot say
        "too_late": _("This lies after the year 2100."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+hh:mm")
        try:
            moment = parse_datetime(value.strip())
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is None:
            self.fail("naive")
        found = super().to_internal_value(value)
        if found < OLDEST:
            self.fail("too_old")
        if found >= END:
            self.fail("too_late")
        return found


class DayField(serializers.DateField):
    """A calendar day, YYYY-MM-DD, on which somebody alive may have been born, or that may be planned for."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "too_old": _("This lies before the year 1900."),
        "too_late": _("This lies after the year 2100."),
    }

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DD")
        found = super().to_internal_value(value)
        if found < FIRST_BIRTHDAY:
            self.fail("too_old")
        if found > LAST_DAY:
            self.fail("too_late")
        return found


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": r"^-?[0-9]{1,10}(\.[0-9]{1,4})?$", "example": "129.90"},
            {"type": "number", "minimum": -9999999999, "maximum": 9999999999},
        ]
    }
)
class AmountField(serializers.DecimalField):
    """A decimal number, as text (exact) or as a JSON number."""

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            self.fail("invalid")
        if isinstance(data, float):
            if not math.isfinite(data):
                self.fail("invalid")
            data = repr(data)
        return super().to_internal_value(data)


@extend_schema_field({"type": "object", "additionalProperties": True})
class PropertiesField(serializers.JSONField):
    """A small JSON object that PostgreSQL can hold: no NUL, no lone surrogate, no infinite number."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "object": _("An object is expected here."),
        "large": _("Too large: at most {limit} bytes."),
        "unstorable": _("It holds a character or number that cannot be stored."),
    }

    def __init__(self, *, limit: int = 4096, **kwargs: Any) -> None:
        self.limit = limit
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("object")
        try:
            text = json.dumps(data, allow_nan=False, ensure_ascii=False)
            size = len(text.encode())
        except (ValueError, TypeError, RecursionError):
            self.fail("unstorable")
        if size > self.limit:
            self.fail("large", limit=self.limit)
        if "\\u0000" in text:
            self.fail("unstorable")
        return data
