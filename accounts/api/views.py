"""What a program may know of itself and of the stores."""

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from accounts.models import ApiKey, Store
from accounts.selectors import is_held_to_stores, stores_visible_to
from core.api.filters import StrictFilterBackend
from core.api.pagination import CursorPages
from core.api.views import ApiMixin


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """The key that was sent. `stores` is null for a key that is not held to stores."""

    scopes = serializers.ListField(child=serializers.CharField())
    stores = serializers.ListField(child=serializers.CharField(), allow_null=True)

    class Meta:
        model = ApiKey
        fields = ("name", "prefix", "scopes", "expires_at", "stores")


class KeyViewSet(ApiMixin, ViewSet):
    """The key itself."""

    tag = "accounts"
    scope = "accounts"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "accounts.view_store"}

    @extend_schema(responses=KeySerializer)
    def retrieve(self, request: Request) -> Response:
        """What the key that was sent opens, until when, and the stores that it is held to."""
        key = ApiKey.objects.get(pk=request.auth.key_id)
        held = is_held_to_stores(request.user)
        key.stores = sorted(stores_visible_to(request.user).values_list("code", flat=True)) if held else None
        return Response(KeySerializer(key).data)


class StoreSerializer(serializers.ModelSerializer[Store]):
    region = serializers.CharField(source="region.code")

    class Meta:
        model = Store
        fields = ("code", "name", "region", "city", "is_open")


class StoreViewSet(ApiMixin, mixins.ListModelMixin, GenericViewSet[Store]):
    """Stores; a key that is held to some sees those."""

    tag = "accounts"
    scope = "accounts"
    scope_permissions: ClassVar[dict[str, str]] = {"read": "accounts.view_store"}
    queryset = Store.objects.none()
    serializer_class = StoreSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_fields = ("is_open", "city")

    class ByCode(CursorPages):
        ordering = ("code",)

    pagination_class = ByCode

    def get_queryset(self) -> QuerySet[Store]:
        return stores_visible_to(self.request.user).select_related("region")
