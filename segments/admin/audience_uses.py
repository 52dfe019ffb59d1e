"""What in this app depends on audiences: tags that are kept by one, and other audiences."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from segments.models import AudienceUse, Use, audience_uses
from segments.selectors.audiences import audience_references
from segments.selectors.tags import tags_by_audience


def kept_by(audiences: Sequence[int]) -> Mapping[int, Sequence[Use]]:
    """Tags in use whose rule names the audience."""
    found: dict[int, list[Use]] = defaultdict(list)
    for audience, tag in tags_by_audience(audiences):
        found[audience].append(Use(str(tag), reverse("segments:tag", args=(tag.pk,)), _("tag")))
    return found


def referring(audiences: Sequence[int]) -> Mapping[int, Sequence[Use]]:
    """Audiences in use whose rule refers to the audience."""
    found: dict[int, list[Use]] = defaultdict(list)
    for audience, other in audience_references(audiences):
        found[audience].append(Use(other.name, reverse("segments:audience", args=(other.pk,)), _("audience")))
    return found


audience_uses.register_all(
    (
        AudienceUse(code="segments.audiences", find=referring, order=10),
        AudienceUse(code="segments.tags", find=kept_by, order=20),
    )
)
