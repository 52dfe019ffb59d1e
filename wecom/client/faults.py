"""What the platform's error codes mean, what kind of failure each is, and what an operator does about it.

Codes: the platform's page of global error codes (document/path/90313) and the pages of the operations concerned, as of
August 2026. Only the kind and these sentences are ever used: the platform's own `errmsg` may change at any time.
"""

from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext_lazy as _

from core.errors import Text

ALL_CODES = "https://open.work.weixin.qq.com/devtool/query?e="
BLOCKED = 45009
BAD_SECRET = 40001
#: The only answers after which the same call may be sent again as it is: the system was busy, or somebody else was there.
BUSY = -1


class Kind(Enum):
    """What a caller does next."""

    RETRY = "retry"
    TOKEN = "token"  # noqa: S105  # the name of a kind
    BLOCK = "block"
    TERMINAL = "terminal"


@dataclass(frozen=True)
class Fault:
    code: int
    kind: Kind
    message: Text
    hint: Text = ""


RETRY, TOKEN, BLOCK, TERMINAL = Kind.RETRY, Kind.TOKEN, Kind.BLOCK, Kind.TERMINAL
OURS = _("This is a fault of the program: tell whoever runs it, with the error code.")
ADMIN = _("Ask an administrator of WeCom.")
LATER = _("It is tried again by itself; if it stays so for an hour, look at WeCom's announcements.")
NONE = _("Nothing needs to be done.")
REACH = _("In WeCom's admin console, add the person or department to the app's visible range.")
CALLABLE = _("In WeCom's admin console under customer contact, list this app among those that may call the API.")

FAULTS = {
    fault.code: fault
    for fault in (
        # --- busy: the platform asks to try again, three times at most ---
        Fault(BUSY, RETRY, _("WeCom is busy."), LATER),
        Fault(6000, RETRY, _("Somebody else changed the same thing at the same moment."), LATER),
        Fault(45033, RETRY, _("Too many calls of this operation ran at once."), LATER),
        Fault(45035, RETRY, _("The same customer or colleague was being changed at the same moment."), LATER),
        Fault(45036, RETRY, _("WeCom found our calls unusual and held them up."), LATER),
        Fault(41063, RETRY, _("The mass message is still being handed out."), LATER),
        Fault(41079, RETRY, _("The moment is still being handed out."), LATER),
        # --- who we are ---
        Fault(BAD_SECRET, TOKEN, _("The Secret is not valid."), _("Copy the Secret of the app anew from WeCom's admin console.")),
        Fault(40014, TOKEN, _("The access token is not valid any more."), LATER),
        Fault(42001, TOKEN, _("The access token has expired."), LATER),
        Fault(40013, TERMINAL, _("There is no corp with this ID."), _("Copy the corp ID anew from WeCom's admin console.")),
        Fault(41001, TERMINAL, _("The call carried no access token."), OURS),
        Fault(41002, TERMINAL, _("The corp ID is missing."), _("Enter the corp ID.")),
        Fault(41004, TERMINAL, _("The Secret is missing."), _("Enter the Secret of the app.")),
        Fault(40029, TERMINAL, _("The sign-in code is not valid, or was used before."), _("Sign in through WeCom once more.")),
        Fault(40056, TERMINAL, _("The AgentId is not that of the app."), _("Copy the AgentId anew from WeCom's admin console.")),
        # --- how often ---
        Fault(BLOCKED, BLOCK, _("WeCom has stopped this operation for a while, because it was called too often."),
              _("It goes on by itself when the time is over.")),
        Fault(45001, TERMINAL, _("The file is larger than WeCom takes."), _("Make it smaller.")),
        Fault(45002, TERMINAL, _("The text is longer than WeCom takes."), _("Shorten the text.")),
        # --- what we may do ---
        Fault(48001, TERMINAL, _("The app has no right to this operation."), CALLABLE),
        Fault(48002, TERMINAL, _("The app has no right to this operation."), CALLABLE),
        Fault(48009, TERMINAL, _("The directory's Secret no longer reads details of colleagues from a new server."),
              _("Let an app of your own read the directory instead.")),
        Fault(50003, TERMINAL, _("The app is switched off in WeCom."), _("Switch it on in WeCom's admin console.")),
        Fault(60011, TERMINAL, _("The app may not act for this person, department or tag."), REACH),
        Fault(60020, TERMINAL, _("WeCom does not trust the address of this server."),
              _("Add the server's public address to the app's trusted IPs; it counts after a minute.")),
        Fault(60030, TERMINAL, _("This lies outside of the app's visible range."), REACH),
        Fault(301002, TERMINAL, _("The token belongs to another app."), OURS),
        Fault(301052, TERMINAL, _("The corp's message archive has ended."), ADMIN),
        Fault(41200, TERMINAL, _("WeCom does not offer this to corps of your line of business."), ADMIN),
        Fault(84074, TERMINAL, _("The colleague may not contact customers."), REACH),
        # --- how we asked ---
        Fault(40033, TERMINAL, _("WeCom did not take the characters of the call."), OURS),
        Fault(40035, TERMINAL, _("A value of the call is not valid."), OURS),
        Fault(40058, TERMINAL, _("A value of the call is not valid, or a list is too long."), OURS),
        Fault(40063, TERMINAL, _("A value of the call is missing."), OURS),
        Fault(50100, TERMINAL, _("WeCom no longer knows how far the list was read."), _("Read the list from its beginning.")),
        Fault(81017, TERMINAL, _("More people were asked for at once than WeCom answers."), OURS),
        # --- people ---
        Fault(40003, TERMINAL, _("WeCom knows no colleague of this ID."), _("Bring the directory up to date.")),
        Fault(60111, TERMINAL, _("WeCom knows no colleague of this ID."), _("Bring the directory up to date.")),
        Fault(60123, TERMINAL, _("WeCom knows no department of this number."), _("Bring the directory up to date.")),
        Fault(40096, TERMINAL, _("WeCom knows no customer of this ID, or it is the ID that another app was given."), OURS),
        Fault(84061, TERMINAL, _("The colleague does not have this customer as a contact."), NONE),
        Fault(41054, TERMINAL, _("The colleague has never signed in to WeCom, or is not verified."),
              _("Ask the colleague to sign in and to have the real name verified, or choose somebody else.")),
        # --- tags ---
        Fault(40068, TERMINAL, _("WeCom knows no such tag or tag group."), _("Bring the tags up to date.")),
        Fault(40071, TERMINAL, _("There is a tag of this name already."), _("Choose another name.")),
        Fault(40126, TERMINAL, _("The corp has as many tags as WeCom allows."), _("Delete tags that nobody uses.")),
        Fault(40144, TERMINAL, _("The customer has as many tags of this colleague as WeCom allows."), _("Take tags off.")),
        # --- codes, links, groups ---
        Fault(41041, TERMINAL, _("The code has more than 100 people, those of its departments counted."), _("Choose fewer people.")),
        Fault(41044, TERMINAL, _("WeCom knows no such code."), _("It was deleted in WeCom: make a new one.")),
        Fault(41045, TERMINAL, _("The corp has as many codes as WeCom allows."), _("Delete codes that are no longer in use.")),
        Fault(41091, TERMINAL, _("A join code leads to five groups at most."), _("Choose fewer groups.")),
        Fault(41095, TERMINAL, _("The corp has as many acquisition links as WeCom allows."), _("Delete links that are no longer in use.")),
        # --- welcome ---
        Fault(41050, TERMINAL, _("The welcome came too late, or was sent already."), NONE),
        Fault(41051, TERMINAL, _("The two have begun to talk: no welcome is sent any more."), NONE),
        Fault(41053, TERMINAL, _("The customer has not agreed to the message archive yet."), NONE),
        Fault(41096, TERMINAL, _("Another app is sending the welcome."), _("Let only one app send welcomes.")),
        Fault(41055, TERMINAL, _("The corp has as many group welcomes as WeCom allows."), _("Delete one that is no longer in use.")),
        Fault(41058, TERMINAL, _("The group welcome belongs to another app."), _("Change it where it was made.")),
        # --- mass messages and moments ---
        Fault(41048, TERMINAL, _("None of these customers can be sent to."), _("They have left, or have had as many mass messages as WeCom allows this month.")),
        Fault(41062, TERMINAL, _("The colleague has not published the moment."), _("Remind the colleague.")),
        Fault(41078, TERMINAL, _("Too many moments are being made at once."), _("Try again when the others are done.")),
        Fault(41093, TERMINAL, _("The mass message was called off already."), NONE),
        Fault(41094, TERMINAL, _("The colleagues were reminded three times within a day."), _("Remind them tomorrow.")),
        Fault(41210, TERMINAL, _("More moments were made than WeCom allows."), _("Try again in a minute; there is a limit for the month too.")),
        # --- inheritance ---
        Fault(40097, TERMINAL, _("The colleague who hands over has not left the corp."), _("Use the transfer on the job.")),
        Fault(40098, TERMINAL, _("The colleague who takes over is not verified."), _("Ask the colleague to have the real name verified.")),
        Fault(40100, TERMINAL, _("The customer is being handed over already."), NONE),
        Fault(40128, TERMINAL, _("The customer was handed over twice within 90 days."), _("Wait until the 90 days are over.")),
        Fault(40129, TERMINAL, _("The customer is being handed over already."), NONE),
        Fault(40130, TERMINAL, _("Both are the same colleague."), _("Choose another colleague.")),
        Fault(40131, TERMINAL, _("The colleague does not have this customer as a contact."), _("Bring the contacts up to date.")),
        Fault(40205, TERMINAL, _("The colleague has not signed in to WeCom for a year."), _("Ask the colleague to sign in once.")),
        Fault(90500, TERMINAL, _("The group's owner has not left the corp."), _("Use the transfer on the job.")),
        Fault(90501, TERMINAL, _("This is not a group of customers."), _("Choose a group of customers.")),
        # --- media ---
        Fault(40004, TERMINAL, _("WeCom does not take files of this kind here."), _("Use another format.")),
        Fault(40006, TERMINAL, _("The file is too small or too large for WeCom."), _("Use another file.")),
        Fault(40007, TERMINAL, _("WeCom no longer has this file, or has it for another use."), _("Upload the file again.")),
        Fault(40145, TERMINAL, _("WeCom no longer has this file."), _("Upload the file again.")),
        Fault(44001, TERMINAL, _("The file is empty."), _("Use another file.")),
        # --- customer service ---
        Fault(95001, TERMINAL, _("The customer was written to five times since the last message."), _("Wait until the customer writes.")),
        Fault(95002, TERMINAL, _("The customer's last message is more than 48 hours old."), _("Wait until the customer writes.")),
        Fault(95004, TERMINAL, _("There is no such customer service account."), _("Bring the accounts up to date.")),
        Fault(95005, TERMINAL, _("The corp has as many customer service accounts as WeCom allows."), _("Delete one that is no longer in use.")),
        Fault(95007, TERMINAL, _("The token of the callback has run out."), _("The messages are fetched without it, more slowly.")),
        Fault(95013, TERMINAL, _("The conversation is over."), NONE),
        Fault(95014, TERMINAL, _("The colleague does not serve this account."), _("Add the colleague to the account first.")),
        Fault(95016, TERMINAL, _("The conversation cannot be put into this state now."), _("Look at the conversation in WeCom.")),
        Fault(95018, TERMINAL, _("Nothing can be sent in this state of the conversation."), _("Answer it in WeCom.")),
        Fault(95019, TERMINAL, _("The colleague receives no customers at the moment."), _("Choose somebody else.")),
    )
}  # fmt: skip


def fault_of(code: int) -> Fault:
    """What is known about a code; one that is not in the table is a refusal, with the platform's own page about it."""
    return FAULTS.get(code) or Fault(
        code,
        TERMINAL,
        _("WeCom refused with error code %(code)d.") % {"code": code},
        _("What it means: %(address)s") % {"address": f"{ALL_CODES}{code}"},
    )
