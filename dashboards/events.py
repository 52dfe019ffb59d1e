"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "dashboards",
    create_metric=_("Made a metric"),
    change_metric=_("Changed a metric"),
    take_snapshots=_("Computed the snapshots of metrics"),
    change_insight_settings=_("Changed the settings of insights"),
    set_churn_days=_("Changed a threshold of the churn warning"),
    remove_churn_days=_("Took a threshold of the churn warning away"),
    follow_up=_("Followed a member up"),
)
