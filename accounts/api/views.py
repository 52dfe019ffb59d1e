"""What a program may know of itself and of the stores."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts.api.callers import caller_of
from accounts.models import ApiKey, Store
from accounts.selectors import is_held_to_stores, stores_visible_to
from core.api.authentication import KeyHolder
from core.api.filters import StrictFilterBackend, YesNoFilter
from core.api.pagination import CursorPages
from core.api.views import ApiMixin


class KeySerializer(serializers.Serializer[Any]):
    """The key that was sent. `stores` is null for a key that is not held to stores."""

    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField(allow_null=True)
    stores = serializers.ListField(child=serializers.CharField(), allow_null=True)


class KeyViewSet(ApiMixin, ViewSet):
    """The key itself."""

    tag = "accounts"
    scope = "accounts"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "accounts.view_store"}

    @extend_schema(responses=KeySerializer)
    def retrieve(self, request: Request) -> Response:
        """What the key that was sent opens, until when, and the stores that it is held to."""
        holder = request.auth
        assert isinstance(holder, KeyHolder)  # noqa: S101  # HasScope has let a key through
        key = ApiKey.objects.get(pk=holder.key_id)
        held = is_held_to_stores(caller_of(request))
        codes = sorted(stores_visible_to(caller_of(request)).values_list("code", flat=True)) if held else None
        values = {name: getattr(key, name) for name in ("name", "prefix", "scopes", "expires_at")}
        return Response(KeySerializer({**values, "stores": codes}).data)


class StoreSerializer(serializers.ModelSerializer[Store]):
    region = serializers.CharField(source="region.code")

    class Meta:
        model = Store
        fields = ("code", "name", "region", "city", "is_open")


class StoreFilter(django_filters.FilterSet):
    is_open = YesNoFilter()
    city = django_filters.CharFilter()


class StoreViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[Store]):
    """Stores; a key that is held to some sees those."""

    tag = "accounts"
    scope = "accounts"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "accounts.view_store"}
    queryset = Store.objects.none()
    serializer_class = StoreSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = StoreFilter

    class ByCode(CursorPages):
        ordering = ("code",)

    pagination_class = ByCode

    def get_queryset(self) -> QuerySet[Store]:
        return stores_visible_to(caller_of(self.request)).select_related("region")
