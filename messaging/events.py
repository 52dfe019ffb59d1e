"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "messaging",
    create_gateway=_("Set up a gateway"),
    change_gateway=_("Changed a gateway"),
    create_template=_("Wrote a message template"),
    change_template=_("Changed a message template"),
    create_send=_("Planned a send"),
    freeze_send=_("Fixed the recipients of a send"),
    start_send=_("Started a send"),
    pause_send=_("Paused a send"),
    resume_send=_("Resumed a send"),
    close_send=_("Closed a send to further recipients"),
    cancel_send=_("Cancelled a send"),
    finish_send=_("Send finished"),
    ask_about=_("Asked a gateway what became of a message"),
    settle_doubt=_("Said what became of a message"),
)
