"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "compliance",
    consent=_("Recorded consent"),
    restrict=_("Restricted the use of data"),
    lift_restriction=_("Lifted a restriction"),
    suppress=_("Put on the suppression list"),
    lift_suppression=_("Took off the suppression list"),
    find_suppression=_("Looked up the suppression list"),
    freeze_verdicts=_("Froze verdicts of the contact gate"),
    change_settings=_("Changed the settings of the contact gate"),
    begin_notice=_("Began a privacy notice"),
    edit_notice=_("Edited a privacy notice"),
    publish_notice=_("Published a privacy notice"),
    discard_notice=_("Discarded a draft notice"),
    issue_link=_("Made a link to the privacy centre"),
    request_opened=_("Opened a personal-information request"),
    request_verified=_("Checked the identity of a requester"),
    request_done=_("Answered a personal-information request"),
    request_refused=_("Refused a personal-information request"),
    request_cancelled=_("Cancelled a personal-information request"),
    add_proof=_("Added a proof to a request"),
    copy_made=_("Made a copy of personal data"),
    change_rights_settings=_("Changed the settings of requests"),
    erase=_("Began an erasure"),
    erased=_("Erased a member"),
    mark_erased=_("Marked a member as erased"),
    change_retention=_("Changed a retention period"),
    purge=_("Purged old data"),
    place_hold=_("Placed a legal hold"),
    lift_hold=_("Lifted a legal hold"),
    change_lexicon=_("Changed the lexicon"),
    check_text=_("Checked a text"),
    submit_text=_("Submitted a text for pre-review"),
    approve_text=_("Approved a text"),
    drop_text=_("Threw a text away"),
    return_text=_("Returned a text"),
    expire_text=_("Approval of a text expired"),
)
