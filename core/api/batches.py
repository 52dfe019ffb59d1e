"""Many things in one request: the good ones in, each bad one named with its place, its field and a reason."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers

from core.errors import TooLarge, Unprocessable, ValidationFailed

MAX_NAMED = 100


class NothingAccepted(Unprocessable):
    """Every item of a batch was refused; `fields` names the first hundred faults as items.<place>.<field>."""

    code = "nothing_accepted"
    message = gettext_lazy("No item of the batch can be accepted.")


@dataclass(frozen=True)
class Rejection:
    """Why one item stays out. `field` is a dotted path inside the item; `reason` a stable code."""

    index: int
    field: str
    reason: str
    message: str


@dataclass
class Batch:
    """Items by their place in the request; what is rejected leaves `good`."""

    good: dict[int, Any]
    rejected: list[Rejection] = field(default_factory=list)

    def reject(self, index: int, field_name: str, reason: str, message: str) -> None:
        self.rejected.append(Rejection(index, field_name, reason, message))
        self.good.pop(index, None)

    def require_some(self) -> None:
        """Raises NothingAccepted when no good item is left."""
        if self.good:
            return
        faults = sorted(self.rejected, key=lambda fault: fault.index)[:MAX_NAMED]
        fields: dict[str, list[str]] = {}
        for fault in faults:
            fields.setdefault(f"items.{fault.index}.{fault.field}".rstrip("."), []).append(fault.message)
        raise NothingAccepted(fields=fields)

    def report(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in sorted(self.rejected, key=lambda fault: fault.index)]


class RejectionSerializer(serializers.Serializer[Rejection]):
    index = serializers.IntegerField()
    field = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    message = serializers.CharField()


def read_batch(
    body: Any,
    item: serializers.Field[Any, Any, Any, Any],
    *,
    limit: int,
    beside: Collection[str] = (),
    may_be_empty: bool = False,
) -> Batch:
    """The items of {"items": […]}, each checked by itself. Raises TooLarge above `limit`, ValidationFailed for no list.

    Fields that may stand `beside` the list are the caller's to read.
    """
    items = _items(body, beside, may_be_empty=may_be_empty)
    if len(items) > limit:
        raise TooLarge(hint=_("At most %(limit)d items are accepted at once.") % {"limit": limit})
    batch = Batch(good={})
    for index, data in enumerate(items):
        try:
            batch.good[index] = item.run_validation(data)
        except exceptions.ValidationError as error:
            for path, detail in faults_of(error.detail):
                batch.reject(index, path, detail.code or "invalid", str(detail))
    return batch


def faults_of(detail: Any, path: str = "") -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    """The errors of one item by dotted path."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from faults_of(inner, path if name == "non_field_errors" else f"{path}.{name}".strip("."))
    elif isinstance(detail, list | tuple):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from faults_of(inner, f"{path}.{place}".strip(".") if nested else path)
    else:
        yield path, detail


def _items(body: Any, beside: Collection[str], *, may_be_empty: bool) -> Sequence[Any]:
    if not isinstance(body, Mapping):
        raise ValidationFailed(_("The body is an object with a list named items."))
    unknown = {str(name)[:100]: [_("There is no such field here.")] for name in body if name not in {"items", *beside}}
    if unknown:
        raise ValidationFailed(fields=unknown)
    items = body.get("items")
    if not isinstance(items, list) or not (items or may_be_empty):
        raise ValidationFailed(fields={"items": [_("A list of at least one item is expected.")]})
    return items
