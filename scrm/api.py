"""Root of the API: every address of `/api/v1/`, the description and its page."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.utils.translation import get_language, override
from django.views.defaults import server_error as page_server_error
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSetMixin

from accounts.api.views import KeyViewSet, StoreViewSet
from campaigns.api.activities import ActivityViewSet
from campaigns.api.links import LinkViewSet
from community.api.earnings import (
    BookingViewSet,
    DeliveryViewSet,
    SharedOrderViewSet,
    TaskViewSet,
    UgcViewSet,
)
from community.api.groups import GroupViewSet, ParticipantViewSet
from community.api.koc import KocScoreViewSet, KocViewSet
from community.api.messages import GroupMessages, MessageViewSet
from community.api.moderation import TitleHoldingViewSet, ViolationViewSet
from compliance.api.content_checks import ContentCheckViewSet
from compliance.api.views import ConsentViewSet, GateViewSet, MemberConsents
from content.api.library import CadenceViewSet, MaterialViewSet, TypeViewSet
from content.api.slots import SlotViewSet
from core.api.errors import server_error as api_server_error
from core.api.views import unknown_path
from dashboards.api.insights import ChurnCurveView, ChurnFlagViewSet, PreferenceView
from dashboards.api.metrics import MetricViewSet, SnapshotViewSet
from loyalty.api.views import CouponViewSet, DrawViewSet
from members.api.scoping import ID_PATTERN
from members.api.views import MemberViewSet
from messaging.api.deliveries import LedgerMessageViewSet
from segments.api.audiences import AudienceViewSet
from segments.api.tags import MemberTags, TagViewSet
from segments.api.views import MemberStandingView, MemberTierHistory, StandingViewSet, TierViewSet
from timeline.api.views import InteractionViewSet, MemberPurchases, PurchaseViewSet, TouchViewSet

router = SimpleRouter()
router.register("members", MemberViewSet, basename="member")
router.register("purchases", PurchaseViewSet, basename="purchase")
router.register("interactions", InteractionViewSet, basename="interaction")
router.register("touches", TouchViewSet, basename="touch")
router.register("tiers", TierViewSet, basename="tier")
router.register("stores", StoreViewSet, basename="store")
router.register("tags", TagViewSet, basename="tag")
router.register("consents", ConsentViewSet, basename="consent")
router.register("gate", GateViewSet, basename="gate")
router.register("standings", StandingViewSet, basename="standing")
router.register("audiences", AudienceViewSet, basename="audience")
router.register("activities", ActivityViewSet, basename="activity")
router.register("links", LinkViewSet, basename="link")
router.register("groups", GroupViewSet, basename="group")
router.register("group-messages", MessageViewSet, basename="groupmessage")
router.register("coupons", CouponViewSet, basename="coupon")
router.register("draws", DrawViewSet, basename="draw")
router.register("koc", KocViewSet, basename="koc")
router.register("koc-scores", KocScoreViewSet, basename="koc-score")
router.register("content-types", TypeViewSet, basename="content-type")
router.register("materials", MaterialViewSet, basename="material")
router.register("slots", SlotViewSet, basename="slot")
router.register("cadence", CadenceViewSet, basename="cadence")
router.register("koc-tasks", TaskViewSet, basename="task")
router.register("koc-deliveries", DeliveryViewSet, basename="delivery")
router.register("koc-ledger", BookingViewSet, basename="booking")
router.register("koc-orders", SharedOrderViewSet, basename="sharedorder")
router.register("ugc", UgcViewSet, basename="ugc")
router.register("violations", ViolationViewSet, basename="violation")
router.register("titles", TitleHoldingViewSet, basename="title")
router.register("metrics", MetricViewSet, basename="metric")
router.register("snapshots", SnapshotViewSet, basename="snapshot")
router.register("deliveries", LedgerMessageViewSet, basename="message")
router.register("churn-flags", ChurnFlagViewSet, basename="churn-flag")


def _of_member(name: str, view: type[ViewSetMixin], **actions: str) -> Any:
    """An address below one member."""
    pattern = rf"^members/(?P<member_id>{ID_PATTERN})/{name}/$"
    return re_path(pattern, view.as_view({**(actions or {"get": "list"})}), name=f"member-{name}")


def _of_group(name: str, view: type[ViewSetMixin], **actions: str) -> Any:
    """An address below one group."""
    pattern = rf"^groups/(?P<group_id>{ID_PATTERN})/{name}/$"
    return re_path(pattern, view.as_view({**(actions or {"get": "list"})}), name=f"group-{name.replace('/', '-')}")


operations: list[URLPattern | URLResolver] = [
    *router.urls,
    path("content-checks/", ContentCheckViewSet.as_view({"post": "create"}), name="content-checks"),
    path("churn-curve/", ChurnCurveView.as_view({"get": "retrieve"}), name="churn-curve"),
    path("preferences/", PreferenceView.as_view({"get": "retrieve"}), name="preferences"),
    path("key/", KeyViewSet.as_view({"get": "retrieve"}), name="key"),
    _of_group("participants", ParticipantViewSet),
    _of_group("participants/batch", ParticipantViewSet, post="batch"),
    _of_group("messages", GroupMessages),
    _of_member("purchases", MemberPurchases),
    _of_member("consents", MemberConsents),
    _of_member("tags", MemberTags),
    _of_member("tier-history", MemberTierHistory),
    _of_member("standing", MemberStandingView, get="retrieve"),
]


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours: in the API's shape below /api/, as a page elsewhere."""
    return api_server_error(request) if request.path.startswith("/api/") else page_server_error(request)


class DescriptionView(SpectacularJSONAPIView):
    """The OpenAPI description: put together once in each language and process, for everybody the same."""

    schema = None  # does not describe itself

    def get(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:
        del request
        return HttpResponse(described(get_language() or ""), content_type=OpenApiJsonRenderer.media_type)


@cache
def described(language: str) -> bytes:
    with override(language):
        schema = SchemaGenerator().get_schema(request=None, public=True)
        return bytes(OpenApiJsonRenderer().render(schema, renderer_context={}))


app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    *operations,
    path("schema/", DescriptionView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    re_path(r"", unknown_path),  # anything; a dot would leave out line breaks
]
