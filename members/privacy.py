"""What members know of a person: given out on request, and erased.

The member's row goes: facts without a person keep its number, which leads nowhere any more.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.privacy import classify_history
from core.enums import Ending
from core.registries import KnownNames, PersonPath, PrivacyHandler, classify, known_names, privacy
from core.services.erasing import run
from core.services.sealing import open_rows
from members.enums import IdentityType
from members.models import Identity, Member, SavedView
from members.selectors.needles import Needles, needles_of
from wecom.selectors import callbacks_about
from wecom.services.forgetting import forget

SEALED = Identity._meta.get_field("sealed")
PAST = _("What the record of acts says was changed: no name, no number but her own, which leads nowhere any more.")
PATHS = (
    PersonPath("members_identity.member_id", Ending.DELETE),
    PersonPath("members_member.id", Ending.DELETE),
    PersonPath("members_member.merged_into_id", Ending.DELETE, _("Records merged into hers are hers: erased with it.")),
    PersonPath(
        "members_minoraccess.member_id",
        Ending.MASK,
        _("Proof of who saw the data of a minor, and who agreed; the words of the question are taken out."),
    ),
    PersonPath("members_memberhistory.pgh_obj_id", Ending.KEEP, PAST),
    PersonPath("members_memberhistory.merged_into_id", Ending.KEEP, PAST),
    PersonPath("members_identityhistory.member_id", Ending.KEEP, PAST),
    PersonPath(
        "accounts_exportsubject.subject_id",
        Ending.KEEP,
        _("Proof of what left the product, kept three years; it holds her number only."),
    ),
)


def export_member(member_id: int) -> Mapping[str, Any]:
    """What she told about herself, and what she is known by, in clear: it is she who asks."""
    member = Member.objects.select_related("city", "home_store", "guide").filter(pk=member_id).first()
    if member is None:
        return {}
    identities = list(Identity.objects.filter(member=member_id).order_by("type", "id"))
    opened = open_rows(SEALED, identities)
    return {
        "profile": [
            {
                "name": member.name,
                "gender": member.gender,
                "birthday": member.birthday.isoformat() if member.birthday else None,
                "city": member.city.name if member.city else None,
                "registered_at": member.registered_at.isoformat() if member.registered_at else None,
                "home_store": member.home_store.name if member.home_store else None,
                "guide": str(member.guide) if member.guide else None,
                "channel": member.channel,
            }
        ],
        "identities": [
            {
                "kind": row.type,
                "value": text if isinstance(text, str) else row.lookup,
                "source": row.source,
                "since": row.created_at.isoformat(),
                "verified_at": row.verified_at.isoformat() if row.verified_at else None,
            }
            for row, text in zip(identities, opened, strict=True)
        ],
    }


def erase_member(member_id: int) -> int:
    """Views that somebody saved while looking for her, what she is known by, and her row."""
    changed = _forget_searches(needles_of(member_id))
    changed += run("UPDATE members_minoraccess SET reason = '' WHERE member_id = %(id)s AND reason <> ''", id=member_id)
    changed += run("DELETE FROM members_identity WHERE member_id = %(id)s", id=member_id)
    return changed + run("DELETE FROM members_member WHERE id = %(id)s", id=member_id)


def export_callbacks(member_id: int) -> Mapping[str, Any]:
    """What WeCom told us about her and is still kept: what happened and when; it names her and a colleague, no more."""
    told = callbacks_about(_wecom_ids(member_id))
    return {
        "wecom_callbacks": [
            {
                "event": event,
                "change": change,
                "happened_at": happened_at.isoformat() if happened_at else None,
                "received_at": received_at.isoformat(),
            }
            for event, change, happened_at, received_at in told.values_list(
                "event", "change", "happened_at", "received_at"
            )
        ]
    }


def erase_callbacks(member_id: int) -> int:
    """WeCom's floor knows no member: whom it was told about is found by her ids there, while they are known."""
    return forget(external_userids=_wecom_ids(member_id), by=None, now=timezone.now())


def _wecom_ids(member_id: int) -> list[str]:
    known = Identity.objects.filter(member=member_id, type=IdentityType.EXTERNAL_USERID)
    return list(known.order_by("id").values_list("lookup", flat=True))


def names_of(numbers: Iterable[str]) -> dict[str, str]:
    """What members are called, by number."""
    return {str(pk): name for pk, name in Member.objects.filter(pk__in=list(numbers)).values_list("pk", "name")}


def _forget_searches(needles: Needles) -> int:
    """A saved search for her name or number is taken out of the view; a view of nothing else goes whole."""
    changed = 0
    for view in SavedView.objects.filter(filters__has_key="q"):
        sought = view.filters["q"]
        texts = sought if isinstance(sought, list) else [sought]
        if not any(needles.is_sought(str(text)) for text in texts):
            continue
        view.filters.pop("q")
        view.save(update_fields=["filters"]) if view.filters else view.delete()
        changed += 1
    return changed


known_names.register(KnownNames(code="members.member", names=names_of))
privacy.register(
    PrivacyHandler(
        code="members",
        label=_("Profile and identities"),
        subject_kind="member",
        export=export_member,
        erase=erase_member,
        paths=PATHS,
        beside=("members_savedview", "django_admin_log"),
        order=90,
    )
)
privacy.register(
    PrivacyHandler(
        code="wecom",
        label=_("What WeCom told us about her"),
        subject_kind="member",
        export=export_callbacks,
        erase=erase_callbacks,
        beside=("wecom_callbackevent",),
        order=80,
    )
)
classify(
    "members_member",
    identifier="name name_key",
    quasi="id gender birthday city_id home_store_id guide_id merged_into_id",
    behavioural="registered_at channel created_at updated_at",
)
classify(
    "members_identity",
    identifier="lookup sealed",
    quasi="id member_id",
    behavioural="type source verified_at created_at",
)
classify("members_savedview", identifier="filters", none="id name shared created_at owner_id")
classify("members_city", none="id name province tier")
classify(
    "members_minoraccess",
    quasi="id member_id asked_by_id decided_by_id reason",
    behavioural="asked_at decided_at granted until",
)
classify_history(
    "members_member",
    quasi="pgh_obj_id city_id home_store_id guide_id merged_into_id",
    behavioural="registered_at channel",
)
classify_history("members_identity", quasi="pgh_obj_id member_id", behavioural="type source verified_at")
