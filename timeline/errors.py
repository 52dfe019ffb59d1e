"""What the timeline cannot do."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, ScrmError, ValidationFailed


class FactNotRecorded(ValidationFailed):
    """A value does not fit a fact; nothing of the call was stored."""

    code = "fact_not_recorded"
    message = _("A fact has a value that cannot be recorded. Nothing of this delivery was stored.")


class ConsumerBusy(Conflict):
    """Another process is following for this consumer right now."""

    code = "consumer_busy"
    message = _("This consumer is being run by another process.")


class ConsumersFailed(ScrmError):
    """Some consumers could not follow; all others did."""

    code = "consumers_failed"
    status = 500
    message = _("These consumers failed, all others went on: %(consumers)s.")


class ClusterUnknown(ScrmError):
    """The database was restored into another server and nobody has said so yet."""

    code = "cluster_unknown"
    status = 503
    message = _("This database was moved to another server. Run `manage.py adopt_cluster` once.")
