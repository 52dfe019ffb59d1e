"""A small API of the suite's own, to try what every API shares."""

import os
import signal
import time
from typing import Any

from django.db import connection
from django.urls import path, re_path
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.api.authentication import KeyAuthentication, KeyHolder
from core.api.pagination import CursorPages
from core.api.views import ApiMixin, idempotent, unknown_path
from core.errors import Conflict
from core.models import DataKey, IdempotencyRecord
from core.services.sealing import subject_keys

SCOPES = {"reader": {"things:read"}, "writer": {"things:read", "things:write"}, "other": {"else:read"}}


class Keys(KeyAuthentication):
    def find(self, secret: str, request: Request) -> KeyHolder | None:
        del request
        user = User.objects.filter(username="program").first()
        if secret not in SCOPES or user is None:
            return None
        return KeyHolder(user=user, key_id=len(secret), label=secret, scopes=frozenset(SCOPES[secret]))


class ThingIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=20)
    number = serializers.IntegerField(default=1)
    lines = serializers.ListField(child=serializers.DictField(child=serializers.IntegerField()), default=list)


class Base(ApiMixin):
    authentication_classes = (Keys,)
    scope = "things"
    scope_permissions = {"read": "core.view_datakey", "write": "core.add_datakey"}


class Things(Base, APIView):
    """POST makes one data key more of the kind named; the count is the proof of how often the work was done."""

    def get(self, request: Request) -> Response:
        return Response({"things": DataKey.objects.filter(subject_kind=request.query_params.get("kind", "")).count()})

    @idempotent
    def post(self, request: Request) -> Response:
        data = ThingIn(data=request.data)
        data.is_valid(raise_exception=True)
        name = data.validated_data["name"]
        if name == "taken":
            raise Conflict
        count = DataKey.objects.filter(subject_kind=name).count()
        subject_keys(name, [count + 1])
        if name.startswith("slow"):
            time.sleep(0.3)
        if name == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "broken":
            raise RuntimeError("the process dies between work and answer")
        return Response({"name": name, "number": count + 1}, status=201)


class Numbers(Base, APIView):
    """Hands a number to the database without looking at it."""

    def post(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::numeric::smallint", [str(request.data["number"])])
            return Response({"number": cursor.fetchone()[0]})


class RecordOut(serializers.ModelSerializer[IdempotencyRecord]):
    class Meta:
        model = IdempotencyRecord
        fields = ("id", "key")


class Records(Base, generics.ListAPIView[IdempotencyRecord]):
    queryset = IdempotencyRecord.objects.all()
    serializer_class = RecordOut
    pagination_class = CursorPages


class Unscoped(ApiMixin, APIView):
    """The planted violation: a view that forgot its scope."""

    authentication_classes = (Keys,)

    def get(self, _request: Request) -> Response:
        return Response({"open": True})


urlpatterns = [
    path("api/things", Things.as_view()),
    path("api/numbers", Numbers.as_view()),
    path("api/records", Records.as_view()),
    path("api/unscoped", Unscoped.as_view()),
    re_path(r"^api/", unknown_path),
]
