"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "campaigns",
    create_activity=_("Planned an activity"),
    change_activity=_("Changed an activity"),
    submit_activity=_("Submitted an activity"),
    take_back_activity=_("Took an activity back to draft"),
    approve_activity=_("Activity approved"),
    withdraw_text=_("Approval of an activity's text withdrawn"),
    approve_budget=_("Approved a budget"),
    schedule_activity=_("Scheduled an activity"),
    ask_to_launch=_("Asked for an activity to be started"),
    start_activity=_("Started an activity"),
    fail_to_start=_("Activity could not start"),
    draw_back=_("Activity back to draft: its audience was changed"),
    end_activity=_("Ended an activity"),
    cancel_activity=_("Cancelled an activity"),
    archive_activity=_("Archived an activity"),
    ask_to_give=_("Asked for a coupon to be given to the audience"),
    record_participations=_("Recorded who took part"),
    add_cost=_("Recorded a cost"),
    take_back_cost=_("Took a cost back"),
    credit_everybody=_("Credited all orders to activities anew"),
    change_settings=_("Changed the bands and limits of activities"),
    create_link=_("Made a tracked link"),
    close_link=_("Closed a tracked link"),
    give_addresses=_("Handed out personal addresses of a link"),
    allow_host=_("Allowed links to a host"),
    refuse_host=_("Took a host off the list of links"),
)
