"""What results refuse, in words that an operator can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, ScrmError, Unprocessable, ValidationFailed


class FormulaNotValid(ValidationFailed):
    """A formula cannot be understood, or names what nobody counts."""

    code = "formula_not_valid"
    message = _("The formula cannot be understood.")


class MetricNotValid(ValidationFailed):
    """A metric cannot be kept as it is; `fields` says why."""

    code = "metric_not_valid"
    message = _("The metric cannot be kept like this.")


class MetricChanged(Conflict):
    """Somebody else changed it since this page was opened."""

    code = "metric_changed"
    message = _("Somebody changed this metric since you opened it.")
    hint = _("Open it again and make your change on top of theirs.")


class SnapshotsRunning(Conflict):
    """Another run is writing the snapshots."""

    code = "snapshots_running"
    message = _("The snapshots are being computed already.")
    hint = _("Wait until that run is over, then ask again.")


class DaysNotValid(Unprocessable):
    """Days that cannot be measured."""

    code = "days_not_valid"
    message = _("These days cannot be measured.")


class InsightSettingsNotValid(ScrmError):
    code = "insight_settings_not_valid"
    message = _("Some of the settings cannot be used.")


class ChurnRuleNotValid(ScrmError):
    code = "churn_rule_not_valid"
    message = _("This threshold cannot be set.")


class FollowUpNotValid(ScrmError):
    code = "follow_up_not_valid"
    message = _("This is nothing to follow up.")


class CountTooSlow(Conflict):
    """Counting took longer than somebody waits in front of a page."""

    code = "count_too_slow"
    message = _("Counting took too long just now.")
    hint = _("Try again later, or look at fewer people or a shorter window.")
