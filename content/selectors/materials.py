"""The library: materials with their latest version, where they are used, and what can be chosen."""

from collections.abc import Iterable

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from content.models import Material, MaterialVersion, Slot

MOST_CHOICES = 300


def library(*, kind: str = "", term: str = "", archived: bool = False) -> QuerySet[Material]:
    """Materials with `latest_id` (of their newest version) and `uses` (slots of any version)."""
    found = Material.objects.filter(is_archived=archived).select_related("owner")
    if kind:
        found = found.filter(kind=kind)
    if term:
        found = found.filter(title__icontains=term)
    latest = MaterialVersion.objects.filter(material=OuterRef("pk")).order_by("-number").values("pk")[:1]
    uses = Slot.objects.filter(version__material=OuterRef("pk")).order_by().values("version__material")
    return found.annotate(
        latest_id=Subquery(latest),
        uses=Subquery(uses.annotate(times=Count("pk")).values("times")),
    ).order_by("-changed_at", "-id")


def latest_version(material_id: int) -> MaterialVersion | None:
    return MaterialVersion.objects.filter(material=material_id).order_by("-number").first()


def versions_by_id(ids: Iterable[int]) -> dict[int, MaterialVersion]:
    return MaterialVersion.objects.in_bulk(set(ids))


def choices(*, with_version: int | None = None) -> list[MaterialVersion]:
    """The newest version of each material in use, lately changed first; and the one that a slot has already."""
    newest = (
        Material.objects.filter(is_archived=False)
        .order_by("-changed_at", "-id")
        .annotate(latest_id=Max("versions"))
        .values_list("latest_id", flat=True)[:MOST_CHOICES]
    )
    wanted = Q(pk__in=list(newest)) | Q(pk=with_version or 0)
    return list(MaterialVersion.objects.filter(wanted).select_related("material").order_by("-at"))


def uses_of(version: MaterialVersion) -> QuerySet[Slot]:
    """The slots that have exactly this version, the latest first."""
    return Slot.objects.filter(version=version).select_related("type").order_by("-planned_at")


def uses_of_others(version: MaterialVersion) -> QuerySet[Slot]:
    """The slots that have another version of the same material."""
    return Slot.objects.filter(version__material=version.material_id).exclude(version=version)
