"""People in groups: the tab of a group's page, the page of one participant, and what is done to her."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.pages import StaffRequest
from community.enums.groups import AcknowledgedHow, JoinedHow, LeftHow, ParticipantRole
from community.errors.groups import ParticipantNotValid
from community.models import Group, GroupParticipant, RulesAcknowledgement, Stay, TalkEdge
from community.pages.words import name_of
from community.selectors.activity import group_settings, pulse_of
from community.selectors.people import asleep_in, present_in
from community.services import participants as services
from community.services.forgetting_people import forget_participant
from community.services.group_rules import acknowledge_rules
from core.admin.base import sentence
from core.errors import ScrmError
from core.moments import NO_MOMENT, read_moment
from core.pages import in_frame, page
from core.rules.normalise import NotNormal
from core.rules.whole import whole_in
from members.enums import IdentityType
from members.models import Member
from members.rules.identities import normalise
from members.selectors import lookup_of
from members.selectors.visibility import visible_members

PAGE = 20
TALK_DAYS = 90
SHOWN = (
    ("present", gettext_lazy("In the group")),
    ("asleep", gettext_lazy("Asleep")),
    ("known", gettext_lazy("Members")),
    ("gone", gettext_lazy("Left the group")),
)
JOINED_HOWS = [(code, label) for code, label in JoinedHow.choices if code != JoinedHow.SEEN]
LEFT_HOWS = [(code, label) for code, label in LeftHow.choices if code != LeftHow.CLOSED]
ROLE_MARKS = {ParticipantRole.OWNER: "busy", ParticipantRole.KEEPER: "busy", ParticipantRole.ORDINARY: "none"}


def participants_tab(request: StaffRequest, group: Group) -> dict[str, Any]:
    """Twenty at once, the latest to come first."""
    show = request.GET.get("who", "present")
    show = show if show in dict(SHOWN) else "present"
    sought = request.GET.get("name", "").strip()[:80]
    rows = _chosen(group, show)
    if sought:
        rows = _with_name(rows, sought, request.user)
    before = whole_in(request.GET.get("before", ""))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    listed = list(rows.select_related("member", "staff").order_by("-pk")[: PAGE + 1])
    return {
        "people": _described(listed[:PAGE], request.user),
        "who": show,
        "whos": SHOWN,
        "name_sought": sought,
        "older": listed[PAGE - 1].pk if len(listed) > PAGE else None,
        "joined_hows": JOINED_HOWS,
        "now_local": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "can_search": request.user.has_perm("members.view_identity"),
    }


@page("community.view_groupparticipant")
@require_safe
def participant(request: StaffRequest, participant_id: int) -> HttpResponse:
    """Who she is, when she came, what she says and to whom."""
    found = participant_or_404(request, participant_id)
    rules = found.group.rules.order_by("-version").first()
    since = timezone.localdate() - timedelta(days=TALK_DAYS)
    context = {
        "title": name_of(found, request.user),
        "person": found,
        "name": name_of(found, request.user),
        "group": found.group,
        "member": _member(found, request.user),
        "stays": list(
            found.stays.select_related("inviter", "inviter__member", "inviter__staff").order_by("-joined_at")
        ),
        "present": found.stays.filter(left_at=None).exists(),
        "said": found.days.filter(day__gt=since).aggregate(
            spoken=Sum("messages"), heard=Sum("mentioned"), last=Max("day", filter=Q(messages__gt=0))
        ),
        "talk": _talk(found, request.user),
        "talk_days": TALK_DAYS,
        "rules": rules,
        "seen": RulesAcknowledgement.objects.filter(participant=found, rules=rules).first() if rules else None,
        "roles": ParticipantRole.choices,
        "left_hows": LEFT_HOWS,
        "now_local": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "may_change": request.user.has_perm("community.change_groupparticipant"),
        "may_forget": _may_forget(found, request.user),
    }
    return in_frame(request, "community/participant.html", context)


@page("community.add_groupparticipant")
@require_POST
def join(request: StaffRequest, group_id: int) -> HttpResponse:
    group = Group.objects.visible_to(request.user).filter(pk=group_id).first()
    if group is None:
        raise Http404
    try:
        given = services.ParticipantIn(
            nickname=request.POST.get("nickname", ""),
            speaker_key=request.POST.get("speaker_key", ""),
            member_id=_whom(request.POST.get("member", ""), request.user),
            joined_at=_moment(request.POST.get("joined_at", ""), "joined_at"),
            joined_how=request.POST.get("joined_how", JoinedHow.UNKNOWN),
        )
        found = services.join(group=group, given=given, by=request.user, now=timezone.now())
    except ScrmError as refused:
        return _again(request, group, refused, verb=_("Put her into the group"), fields="community/join_fields.html")
    messages.success(request, _("She is in the group now."))
    return redirect("community:participant", found.pk)


@page("community.change_groupparticipant")
@require_POST
def act(request: StaffRequest, participant_id: int, verb: str) -> HttpResponse:
    """One step; what refuses it is said on her page, or above the form where much was typed into it."""
    found = participant_or_404(request, participant_id)
    try:
        VERBS[verb](request, found)
    except ScrmError as refused:
        if verb == "leave":
            words, fields = _("Note that she left"), "community/leave_fields.html"
            return _again(request, found.group, refused, verb=words, fields=fields)
        messages.error(request, _all_of(refused))
    else:
        messages.success(request, _("Saved."))
    return redirect("community:participant", participant_id)


def _again(request: StaffRequest, group: Group, refused: ScrmError, *, verb: str, fields: str) -> HttpResponse:
    """The form of the dialog as it was sent, with what is wrong in it."""
    context = {
        "title": verb,
        "group": group,
        "typed": {name: request.POST.get(name, "").replace("\x00", "") for name in request.POST},
        "refused": refused,
        "errors": refused.fields,
        "joined_hows": JOINED_HOWS,
        "left_hows": LEFT_HOWS,
        "fields": fields,
        "verb": verb,
    }
    return in_frame(request, "community/stay_form.html", context, status=refused.status)


def _may_forget(found: GroupParticipant, user: User) -> bool:
    return found.member_id is None and found.staff_id is None and user.has_perm("community.change_group")


def participant_or_404(request: HttpRequest, participant_id: int) -> GroupParticipant:
    rows = GroupParticipant.objects.visible_to(request.user).select_related("group", "member", "staff")
    found = rows.filter(pk=participant_id).first()
    if found is None:
        raise Http404
    return found


def _leave(request: StaffRequest, found: GroupParticipant) -> None:
    services.leave(
        participant=found,
        at=_moment(request.POST.get("at", ""), "at"),
        how=request.POST.get("how", ""),
        reason=request.POST.get("reason", ""),
        by=request.user,
        now=timezone.now(),
    )


def _link(request: StaffRequest, found: GroupParticipant) -> None:
    member_id = _whom(request.POST.get("member", ""), request.user)
    member = Member.objects.filter(pk=member_id).first() if member_id else None
    if member is None:
        raise ParticipantNotValid(fields={"member": [_("Say her member number, customer number or phone.")]})
    services.link_member(participant=found, member=member, by=request.user, now=timezone.now())


def _unlink(request: StaffRequest, found: GroupParticipant) -> None:
    services.unlink_member(
        participant=found, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now()
    )


def _role(request: StaffRequest, found: GroupParticipant) -> None:
    services.change_role(participant=found, role=request.POST.get("role", ""), by=request.user, now=timezone.now())


def _acknowledge(request: StaffRequest, found: GroupParticipant) -> None:
    rules = found.group.rules.order_by("-version").first()
    if rules is None:
        raise ParticipantNotValid(fields={"rules": [_("The group has no rules yet.")]})
    acknowledge_rules(rules=rules, participants=[found], how=AcknowledgedHow.STAFF, by=request.user, now=timezone.now())


def _forget(request: StaffRequest, found: GroupParticipant) -> None:
    """For good, so not by everybody who serves."""
    if not request.user.has_perm("community.change_group"):
        raise PermissionDenied
    forget_participant(participant=found, reason=request.POST.get("reason", ""), by=request.user, now=timezone.now())


VERBS: dict[str, Callable[[StaffRequest, GroupParticipant], None]] = {
    "leave": _leave,
    "link": _link,
    "unlink": _unlink,
    "role": _role,
    "acknowledge": _acknowledge,
    "forget": _forget,
}


def _all_of(refused: ScrmError) -> str:
    """The error with what is wrong in each field."""
    said = [str(fault) for faults in refused.fields.values() for fault in faults]
    return " ".join(said) if said else sentence(refused)


def _chosen(group: Group, show: str) -> QuerySet[GroupParticipant]:
    if show == "asleep":
        limits, today = group_settings(), timezone.localdate()
        if not pulse_of([group], today=today, window=limits.band_days)[group.pk].is_heard:
            return GroupParticipant.objects.none()
        return asleep_in(group, now=timezone.now(), today=today, sleeper_days=limits.sleeper_days)
    present = present_in(group)
    if show == "known":
        return present.filter(member__isnull=False)
    if show == "gone":
        return GroupParticipant.objects.filter(group=group).exclude(pk__in=present.values("pk"))
    return present


def _with_name(rows: QuerySet[GroupParticipant], sought: str, user: User) -> QuerySet[GroupParticipant]:
    """By nickname or key; who may not see names finds nobody by one."""
    if not user.has_perm("members.view_identity"):
        return rows.none()
    return rows.filter(Q(nickname__icontains=sought) | Q(speaker_key=sought))


def _described(people: list[GroupParticipant], user: User) -> list[dict[str, Any]]:
    numbers = [each.pk for each in people]
    since = timezone.localdate() - timedelta(days=TALK_DAYS)
    said = {
        row["pk"]: row
        for row in GroupParticipant.objects.filter(pk__in=numbers, days__day__gt=since)
        .values("pk")
        .annotate(messages=Sum("days__messages"), last=Max("days__day", filter=Q(days__messages__gt=0)))
    }
    stays: dict[int, Stay] = {}
    for stay in Stay.objects.filter(participant__in=numbers).order_by("joined_at"):
        stays[stay.participant_id] = stay
    visible = _visible_members([each.member_id for each in people if each.member_id], user)
    return [
        {
            "person": each,
            "name": name_of(each, user),
            "said": said.get(each.pk),
            "stay": stays.get(each.pk),
            "member": each.member_id if each.member_id in visible else None,
            "mark": ROLE_MARKS[ParticipantRole(each.role)],
        }
        for each in people
    ]


def _visible_members(numbers: list[int], user: User) -> set[int]:
    return set(Member.objects.visible_to(user).filter(pk__in=numbers).values_list("pk", flat=True))


def _member(found: GroupParticipant, user: User) -> Member | None:
    """Whom she turned out to be, for who may see that member."""
    if found.member is None:
        return None
    owner = found.member.owner_id
    return Member.objects.visible_to(user).filter(pk=owner).first()


def _talk(found: GroupParticipant, user: User) -> list[dict[str, Any]]:
    """Those to whom she turns, and who turn to her, most often."""
    since = timezone.localdate() - timedelta(days=TALK_DAYS)
    edges = TalkEdge.objects.filter(group=found.group_id, day__gt=since)
    turned: dict[int, list[int]] = {}
    for place, (here, there) in enumerate((("from", "to"), ("to", "from"))):
        rows = edges.filter(**{f"{here}_participant": found}).values_list(f"{there}_participant")
        for number, times in rows.annotate(times=Sum("count")).order_by("-times")[:PAGE]:
            turned.setdefault(number, [0, 0])[place] = times
    most = sorted(turned, key=lambda number: (-sum(turned[number]), number))[:10]
    people = GroupParticipant.objects.select_related("member", "staff").in_bulk(most)
    return [
        {
            "person": people[number],
            "name": name_of(people[number], user),
            "to": turned[number][0],
            "by": turned[number][1],
        }
        for number in most
    ]


def _whom(text: str, user: User) -> int | None:
    """The member that somebody means by a number, customer number or phone; raises ParticipantNotValid for none."""
    sought = text.strip().lstrip("#")
    if not sought:
        return None
    number = whole_in(sought)
    ids = set() if number is None else {number}
    lookups = set()
    for kind in (IdentityType.EXTERNAL_ID, IdentityType.PHONE, IdentityType.CARD):
        try:
            lookups.add((str(kind), lookup_of(kind, normalise(kind, sought[:128]))))
        except NotNormal:
            continue
    found = visible_members(ids=ids, lookups=lookups, user=user)
    by_number = [found[number] for number in ids if number in found] if text.strip().startswith("#") else []
    members = set(by_number or [found[lookup] for lookup in lookups if lookup in found] or found.values())
    if len(members) != 1:
        words = (
            _("Nobody that you may see is known by “%(text)s”.")
            if not members
            else _("“%(text)s” means several members.")
        )
        raise ParticipantNotValid(fields={"member": [words % {"text": sought[:40]}]})
    return members.pop()


def _moment(text: str, name: str) -> datetime:
    moment = read_moment(text)
    if moment is None:
        raise ParticipantNotValid(fields={name: [NO_MOMENT]})
    return moment
