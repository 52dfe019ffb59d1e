"""What the brand has set for its insights."""

from core.reading import read_once
from dashboards.models import ChurnRule, InsightSettings, KpiWeight


def insight_settings() -> InsightSettings:
    """The one row; one that is missing reads as the defaults."""
    return InsightSettings.objects.first() or InsightSettings()


@read_once
def kpi_weights() -> dict[str, float]:
    """By figure."""
    return {row.figure: float(row.weight) for row in KpiWeight.objects.all()}


@read_once
def churn_rules() -> dict[str, ChurnRule]:
    """By scope, those of audiences in the order in which they win."""
    return {rule.scope: rule for rule in ChurnRule.objects.select_related("audience").order_by("pk")}
