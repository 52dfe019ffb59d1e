"""Metrics, what they were day by day, and what else was measured of the brand."""

from dashboards.models.churn import ChurnFlag, ChurnRule, SilenceCurve
from dashboards.models.cohorts import CohortCount
from dashboards.models.counts import CountDone
from dashboards.models.facts import BUILT_IN_FACTS
from dashboards.models.follow_ups import FollowUp
from dashboards.models.marks import ChangedDay, SourceDay
from dashboards.models.member_filters import in_churn
from dashboards.models.metrics import MetricDefinition, MetricVersion
from dashboards.models.preferences import PreferenceCell
from dashboards.models.settings import InsightSettings, KpiWeight
from dashboards.models.slices import STORE
from dashboards.models.snapshots import EVERYBODY, Snapshot
from dashboards.models.team import TeamFigures

__all__ = [
    "BUILT_IN_FACTS",
    "EVERYBODY",
    "STORE",
    "ChangedDay",
    "ChurnFlag",
    "ChurnRule",
    "CohortCount",
    "CountDone",
    "FollowUp",
    "InsightSettings",
    "KpiWeight",
    "MetricDefinition",
    "MetricVersion",
    "PreferenceCell",
    "SilenceCurve",
    "Snapshot",
    "SourceDay",
    "TeamFigures",
    "in_churn",
]
