"""Choices of tiers, scores and tags."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Measure(models.TextChoices):
    """What a criterion looks at. The first seven are sums over a window, kept per member; the others follow from them."""

    ORDERS = "orders", _("Orders")
    COUPON_ORDERS = "coupon_orders", _("Orders with a coupon")
    SPEND = "spend", _("Net spend (¥)")
    INTERACTIONS = "interactions", _("Interactions")
    BROWSES = "browses", _("Browse events")
    COUPON_CLAIMS = "coupon_claims", _("Coupon claims")
    COUPON_SHARE = "coupon_share", _("Share of orders with a coupon (%)")
    REGISTERED_DAYS = "registered_days", _("Days since registration")
    R = "r", _("R score")
    F = "f", _("F score")
    M = "m", _("M score")


class Operator(models.TextChoices):
    AT_LEAST = ">=", "≥"
    MORE_THAN = ">", ">"
    AT_MOST = "<=", "≤"
    LESS_THAN = "<", "<"
    EQUAL = "=", "="


class ScoreMethod(models.TextChoices):
    QUINTILE = "quintile", _("Quintiles of all members with an order")
    FIXED = "fixed", _("Fixed thresholds")


class Goal(models.TextChoices):
    """What a tier's strategy is to reach; definitions in domain.md §1."""

    FIRST_PURCHASE = "first_purchase", _("First-purchase rate within 30 days of registration")
    ORDER_VALUE = "order_value", _("Average order value, 30 days against the 30 before")
    CONVERSION = "conversion", _("Conversion rate, 30 days against the 30 before")
    REPURCHASE = "repurchase", _("Repurchase rate of those in the tier 30 days ago")
    MARGINAL_COST = "marginal_cost", _("Marginal cost, 30 days against the 30 before")


class Unobserved(models.TextChoices):
    """Why progress to a goal has no value: a word with a reason, never 0."""

    NO_COSTS = "no_costs", _("No cost facts are recorded.")
    NO_HISTORY = "no_history", _("The tier history does not reach back far enough.")
    NO_MEMBERS = "no_members", _("Nobody was in the tier at the start of the window.")
    NO_ORDERS = "no_orders", _("No orders in one of the two windows.")
    NO_NEWCOMERS = "no_newcomers", _("Nobody registered between 60 and 30 days ago.")


class RunKind(models.TextChoices):
    FULL = "full", _("Full")
    INCREMENTAL = "incremental", _("Incremental")


class TagSource(models.TextChoices):
    MANUAL = "manual", _("By hand")
    RULE = "rule", _("By rule")
    IMPORT = "import", _("By import")
    API = "api", _("By API")


class TagAction(models.TextChoices):
    ADDED = "added", _("Added")
    REMOVED = "removed", _("Removed")
    EXPIRED = "expired", _("Expired")


class PurchaseMeasure(models.TextChoices):
    """What a condition on purchases looks at, within its window and scope."""

    ORDERS = "orders", _("Orders")
    SPEND = "spend", _("Net spend (¥)")
    UNITS = "units", _("Units")
    SINCE_FIRST = "since_first", _("Days since the first order")
    SINCE_LAST = "since_last", _("Days since the last order")


class ConsentIs(models.TextChoices):
    """What holds now for a purpose and a channel."""

    GIVEN = "given", _("Given")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NEVER = "never", _("Never asked")


class AudienceState(models.TextChoices):
    ACTIVE = "active", _("in use")
    ARCHIVED = "archived", _("archived")
