"""Settings of the API: what REST framework and the description of the API take from us."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "core.api.description.ApiSchema",
    "EXCEPTION_HANDLER": "core.api.errors.handle_exception",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "SCRM API",
    "VERSION": "1.0.0",
    "DESCRIPTION": _(
        "Members, what they buy and do, and the tiers and tags that follow from it.\n\n"
        "Send `Authorization: Bearer <key>`; keys are made in the admin, each with its scopes. Lists are read page by page: "
        "follow `next` until it is null. Send an `Idempotency-Key` with every POST that you may have to repeat. Every error "
        "has the same shape, and `error.code` never changes; `error.message` follows Accept-Language (zh-hans, en)."
    ),
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "tryItOutEnabled": False},
    "ENUM_NAME_OVERRIDES": {
        "ConsentChannelEnum": "compliance.enums.consent.Channel",
        "MessageChannelEnum": "compliance.enums.consent.REACHING_CHOICES",
        "GateReasonEnum": "compliance.enums.consent.Reason",
        "CouponKindEnum": "loyalty.enums.CouponKind",
        "PrizeKindEnum": "loyalty.enums.PrizeKind",
        "DrawStateEnum": "loyalty.enums.DrawState",
        "CostKindEnum": "campaigns.enums.CostKind",
        "KocStateEnum": "community.enums.koc.KocState",
        "KocLevelEnum": "community.enums.koc.KocLevel",
        "UgcKindEnum": "community.enums.ugc.UgcKind",
        "OfferedUgcKindEnum": "community.api.earning_serializers.OFFERED_KINDS",
        "BookingKindEnum": "community.enums.ledger.Booking",
        "ActivityLevelEnum": "campaigns.enums.Level",
        "ViolationKindEnum": "community.enums.moderation.ViolationKind",
        "ViolationStateEnum": "community.enums.moderation.ViolationState",
        "ViolationOutcomeEnum": "community.enums.moderation.Outcome",
        "AppealOutcomeEnum": "community.enums.moderation.AppealOutcome",
        "TitleKindEnum": "community.enums.titles.TitleKind",
        "MessageKindEnum": "community.enums.messages.MessageKind",
        "MessageStateEnum": "messaging.enums.DeliveryState",
        "ReceiptEnum": "messaging.enums.Receipt",
        "MetricLevelEnum": "dashboards.enums.MetricLevel",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.document_errors",
    ],
}
