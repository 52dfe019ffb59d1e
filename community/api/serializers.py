"""Bodies of groups, participants and messages, as sent and as answered."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from community.enums.groups import GroupState, JoinedHow, LeftHow, ParticipantRole
from community.enums.messages import MessageKind
from community.models import Group, GroupMessage, GroupParticipant, Stay
from community.selectors.activity import Pulse
from community.selectors.people import Figures
from core.api.batches import RejectionSerializer
from core.api.fields import (
    BooleanField,
    ChoiceField,
    CodeField,
    DayField,
    MomentField,
    StrictSerializer,
    TextField,
    WholeField,
)
from core.rules.masking import mask_name
from members.api.references import MemberReferenceField

LONGEST_SENT = 100_000
MOST_COVERED = 5_000


class GroupIn(StrictSerializer):
    """What is left out of a change stays as it is."""

    name = TextField(max_length=80)
    type = CodeField(max_length=20, help_text=_("The code of a type of group: welfare, interest, honour."))
    owner = CodeField(max_length=150, help_text=_("The user name of the member of staff who answers for it."))
    store = CodeField(required=False, allow_null=True, help_text=_("The code of a store."))
    opened_on = DayField()
    capacity = WholeField(max_value=100_000, required=False)
    source = TextField(  # type: ignore[assignment]  # the stubs give every field an attribute of that name
        max_length=40, required=False, allow_blank=True, help_text=_("Where the chat lives.")
    )
    external_id = TextField(max_length=128, required=False, allow_blank=True)
    note = TextField(max_length=300, required=False, allow_blank=True)


class GroupSerializer(serializers.ModelSerializer[Group]):
    type = serializers.CharField(source="type.code")
    owner = serializers.CharField(source="owner.username")
    store = serializers.CharField(source="store.code", default=None, allow_null=True)
    state = serializers.ChoiceField(choices=GroupState.choices)

    class Meta:
        model = Group
        fields = (
            *("id", "name", "type", "owner", "store", "state", "opened_on", "closed_on", "capacity"),
            *("source", "external_id", "note"),
        )


class DaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    messages = serializers.IntegerField()
    speakers = serializers.IntegerField()
    joined = serializers.IntegerField()
    left = serializers.IntegerField()


class FiguresSerializer(serializers.Serializer[Any]):
    """As of now. Null is not observed, or nobody is there of whom it could be told."""

    messages_a_day = serializers.FloatField(allow_null=True, help_text=_("Over the whole days of the window."))
    days = serializers.IntegerField(help_text=_("Whole days that were averaged."))
    band_low = serializers.IntegerField()
    band_high = serializers.IntegerField()
    state = serializers.ChoiceField(choices=("quiet", "healthy", "noisy", "unknown"))
    present = serializers.IntegerField()
    joined = serializers.IntegerField(
        allow_null=True, help_text=_("In 30 days; null where nobody told who came and who went.")
    )
    left = serializers.IntegerField(allow_null=True, help_text=_("In 30 days."))
    first_seen = serializers.IntegerField(
        help_text=_("Seen for the first time in 30 days; when they joined is not known.")
    )
    speakers = serializers.IntegerField(
        allow_null=True, help_text=_("In 7 days; null where no message was brought for longer.")
    )
    sleeping = serializers.FloatField(allow_null=True)
    retention = serializers.FloatField(allow_null=True, help_text=_("Who joined 30 to 60 days ago and stayed 30 days."))
    buying = serializers.FloatField(allow_null=True, help_text=_("Known members who bought in 30 days."))
    known_members = serializers.IntegerField()


def figures_body(pulse: Pulse, figures: Figures) -> dict[str, Any]:
    return {
        "messages_a_day": pulse.average,
        "days": pulse.days,
        "band_low": pulse.band.low,
        "band_high": pulse.band.high,
        "state": pulse.state,
        "present": figures.present,
        "joined": figures.joined if figures.told else None,
        "left": figures.left if figures.told else None,
        "first_seen": figures.seen,
        "speakers": figures.speakers if pulse.is_heard else None,
        "sleeping": figures.sleeping if pulse.is_heard else None,
        "retention": figures.retention,
        "buying": figures.buying,
        "known_members": figures.members,
    }


class ParticipantIn(StrictSerializer):
    """Somebody of the group, found by her key at the source; what is sent again is no fault."""

    key = CodeField(max_length=128, help_text=_("What the source calls her."))
    nickname = TextField(max_length=100, required=False, allow_blank=True, default="")
    role = ChoiceField(choices=ParticipantRole.choices, required=False, allow_null=True, default=None)
    member = MemberReferenceField(required=False, allow_null=True, default=None)
    joined_at = MomentField(required=False, allow_null=True, default=None)
    left_at = MomentField(required=False, allow_null=True, default=None)
    invited_by = TextField(max_length=128, required=False, allow_blank=True, default="")
    rules_seen = BooleanField(required=False, default=False)


class ParticipantBatchIn(serializers.Serializer[Any]):
    items = ParticipantIn(many=True)


class ParticipantDelivery(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    rejected = RejectionSerializer(many=True)


class StaySerializer(serializers.ModelSerializer[Stay]):
    joined_how = serializers.ChoiceField(choices=JoinedHow.choices)
    left_how = serializers.ChoiceField(choices=[*LeftHow.choices, ("", "")])

    class Meta:
        model = Stay
        fields = ("joined_at", "joined_how", "left_at", "left_how")


class ParticipantSerializer(serializers.ModelSerializer[GroupParticipant]):
    """`member` is null for who is not known as one, and for members that the key may not see.

    Who may not see names gets them masked, and no key: keys of chats are accounts.
    """

    key = serializers.SerializerMethodField()
    nickname = serializers.SerializerMethodField()
    role = serializers.ChoiceField(choices=ParticipantRole.choices)
    staff = serializers.CharField(source="staff.username", default=None, allow_null=True)
    member = serializers.SerializerMethodField()
    stays = StaySerializer(many=True)

    class Meta:
        model = GroupParticipant
        fields = ("id", "key", "nickname", "role", "member", "staff", "stays")

    @extend_schema_field({"type": "string", "nullable": True})
    def get_key(self, participant: GroupParticipant) -> str | None:
        return participant.speaker_key if self.context["named"] else None

    def get_nickname(self, participant: GroupParticipant) -> str:
        return participant.nickname if self.context["named"] else mask_name(participant.nickname)

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_member(self, participant: GroupParticipant) -> int | None:
        visible: set[int] = self.context["visible"]
        return participant.member_id if participant.member_id in visible else None


class MessageIn(StrictSerializer):
    """One message. The text is looked at for violations, and kept only of members who agreed; the answer never has it."""

    group = WholeField(help_text=_("The number of the group."))
    speaker = CodeField(max_length=128, help_text=_("What the source calls who said it."))
    nickname = TextField(max_length=100, required=False, allow_blank=True, default="")
    sent_at = MomentField()
    kind = ChoiceField(choices=MessageKind.choices, required=False, default="text")
    text = TextField(max_length=LONGEST_SENT, required=False, allow_blank=True, default="")
    number = TextField(
        max_length=128,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("The message's own number at the source: with it, sending again is no fault whatever the text."),
    )
    reply_to = TextField(
        max_length=128, required=False, allow_blank=True, default="", help_text=_("Who is answered: her key.")
    )


class CoverIn(serializers.Serializer[Any]):
    covers_until = MomentField(
        required=False,
        help_text=_(
            "Everything said until then has been sent. Without it a group is known to the last call with messages of it."
        ),
    )
    covers_groups = serializers.ListField(
        child=WholeField(),
        required=False,
        max_length=MOST_COVERED,
        help_text=_("The numbers of the groups that it holds for. Without them: all whose messages are sent here."),
    )


class MessageBatchIn(CoverIn):
    items = MessageIn(many=True, help_text=_("May be empty where the moment is said up to which nothing is missing."))


class MessageDelivery(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    stored = serializers.IntegerField()
    already_stored = serializers.IntegerField()
    rejected = RejectionSerializer(many=True)


class MessageSerializer(serializers.ModelSerializer[GroupMessage]):
    """That it was sent; never its text."""

    participant = serializers.IntegerField(source="participant_id")
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    reply_to = serializers.IntegerField(source="reply_to_id", allow_null=True)
    mentions = serializers.SerializerMethodField()

    class Meta:
        model = GroupMessage
        fields = ("id", "participant", "sent_at", "kind", "length", "links", "reply_to", "mentions")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_mentions(self, message: GroupMessage) -> list[int]:
        return list(message.mentions or ())
