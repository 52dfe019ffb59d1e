"""What a program tries upon KOC of another store, for `test_api_scope`."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from community.models import Koc, KocScore, ScoreRun
from community.selectors.koc_scores import weights_in_force
from members.models import Identity, Member
from tests import api
from tests.community import koc_cast as cast

Probe = tuple[str, str, Any, bool]


def probes_of_koc(victim: Member, references: Iterable[Any], *, sign: str) -> Iterator[Probe]:
    """The victim is a KOC with a score, another member of her store is invited, a third one may be.

    `sign` (four digits) stands in her code and in her facts, so that a list that shows them is caught.
    """
    koc = Koc.objects.get(member=victim)
    Koc.objects.filter(pk=koc.pk).exclude(referral_code=2 * sign).update(referral_code=2 * sign)
    _score(victim, int(sign))
    invited = Koc.objects.filter(state="invited").first() or cast.invited(_beside(victim), now=timezone.now())
    for address in ("koc/", "koc/?state=active", "koc-scores/"):
        yield "get", f"/api/v1/{address}", None, False
    yield "get", f"/api/v1/koc/{koc.pk}/", None, True
    yield "get", f"/api/v1/koc-scores/{victim.pk}/", None, True
    yield "post", f"/api/v1/koc/{invited.pk}/answer/", {"accepted": False}, True
    yield "post", f"/api/v1/koc/{invited.pk}/answer/", {"accepted": True, "version": cast.version()}, True
    yield "post", f"/api/v1/koc/{koc.pk}/revenue-share/", {"version": cast.version("revenue_share")}, True
    for who in (*references, *_may_be_asked(victim)):
        yield "post", "/api/v1/koc/", {"member": who}, True


def _score(victim: Member, messages: int) -> None:
    if KocScore.objects.filter(pk=victim.pk).exists():
        return
    now, facts = timezone.now(), [messages, *[0] * 10]
    run = ScoreRun.objects.create(
        as_of=now, weights=weights_in_force(), members=1, strangers=0, started_at=now, seconds=0
    )
    KocScore.objects.create(member=victim, run=run, total=50, parts=[50] * 5, facts=facts, groups=1)


def _beside(victim: Member, name: str = "") -> Member:
    return api.member(name, home_store=victim.home_store, guide=victim.guide, name=victim.name)


def _may_be_asked(victim: Member) -> Iterator[dict[str, Any]]:
    name = f"{victim.home_store}-asked"
    known = Identity.objects.filter(lookup=name).select_related("member").first()
    member = known.member if known else _beside(victim, name)
    if not known:
        cast.joined(cast.group(), member)
    yield {"id": member.pk}
    yield {"type": "external_id", "value": name}
