"""A text held against the lexicon, for editors and shops that write outside the product."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from compliance.enums.content import Pack, Severity
from compliance.selectors.lexicon import check_text
from core.api.fields import StrictSerializer, TextField
from core.api.views import ApiMixin, idempotent

LONGEST = 100_000
FOUND = (Severity.BLOCK, Severity.WARN)  # what allows is never a hit


class ContentCheckIn(StrictSerializer):
    """The text as members would see it; nothing of it is kept."""

    text = TextField(max_length=LONGEST, trim_whitespace=False, allow_blank=True)


class HitSerializer(serializers.Serializer[Any]):
    """One phrase. `start` and `end` count characters (Unicode code points) of the text that was sent."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField(help_text="What stands there, disguise included.")
    phrase = serializers.CharField(help_text="The phrase of the lexicon.")
    severity = serializers.ChoiceField(choices=[(severity.value, severity.value) for severity in FOUND])
    pack = serializers.ChoiceField(choices=[(pack.value, pack.value) for pack in Pack])
    law = serializers.CharField()
    suggestion = serializers.CharField(help_text="A lawful wording, or what to prove.")


class ContentCheckSerializer(serializers.Serializer[Any]):
    """`passes` is false when a forbidden phrase was found; warnings need proof and a review."""

    version = serializers.IntegerField(help_text="Version of the lexicon.")
    passes = serializers.BooleanField()
    hits = HitSerializer(many=True)


class ContentCheckViewSet(ApiMixin, ViewSet):
    """Words of advertising law."""

    tag = "content"
    scope = "lexicon"
    access = "read"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "compliance.view_lexiconentry"}

    @extend_schema(request=ContentCheckIn, responses={200: ContentCheckSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Find forbidden and warned phrases in a text, with their places, law and a lawful wording.

        Spaces, punctuation, full width, traditional characters and emoji between the characters do not hide a phrase;
        homophones, pinyin and pictures do.
        """
        body = ContentCheckIn(data=request.data)
        body.is_valid(raise_exception=True)
        checked = check_text(body.validated_data["text"])
        answer = {"version": checked.version, "passes": not checked.blocks, "hits": checked.found}
        return Response(ContentCheckSerializer(answer).data)
