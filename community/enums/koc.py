"""Choices of KOC: scores, states, levels, agreements, proposals, effect."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: The feature that waits for an impact assessment (PIPL Art. 55).
SCORING = "koc_scoring"


class Part(models.TextChoices):
    """The five parts of a score, in their order."""

    INFLUENCE = "influence", _("Influence in groups")
    UGC = "ugc", _("Quality of UGC")
    PURCHASES = "purchases", _("Her purchases")
    REFERRALS = "referrals", _("Referrals")
    CONSISTENCY = "consistency", _("Consistency")


class Fact(models.TextChoices):
    """What is counted for a score, within its window; a score keeps the facts in this order."""

    MESSAGES = "messages", _("Messages in groups")
    ANSWERED = "answered", _("Times others answered or mentioned her")
    REACHED = "reached", _("People she talked with")
    PIECES = "pieces", _("Approved pieces of UGC")
    USED = "used", _("Times her UGC was used")
    ORDERS = "orders", _("Her orders")
    SPEND = "spend", _("Her net spend, ¥")
    INVITED = "invited", _("Members she invited")
    BROUGHT = "brought", _("People she brought into groups")
    REFERRED = "referred", _("Orders of others with her code")
    WEEKS = "weeks", _("Weeks in which she spoke")


class KocState(models.TextChoices):
    """Invited → active → paused, left or demoted. A declined invitation is no KOC, and may be repeated later."""

    INVITED = "invited", pgettext_lazy("koc", "Invited")
    DECLINED = "declined", pgettext_lazy("koc", "Declined")
    ACTIVE = "active", pgettext_lazy("koc", "Active")
    PAUSED = "paused", pgettext_lazy("koc", "Paused")
    LEFT = "left", pgettext_lazy("koc", "Left")
    DEMOTED = "demoted", pgettext_lazy("koc", "Demoted")


#: States in which she carries the name; whoever works with KOC works with these.
STANDING = (KocState.ACTIVE, KocState.PAUSED)


class KocLevel(models.TextChoices):
    """The three incentives, each above the one before."""

    CO_CREATION = "co_creation", _("Co-creation")
    PRIORITY = "priority", _("Priority benefits")
    REVENUE_SHARE = "revenue_share", _("Revenue share")


class KocVerb(models.TextChoices):
    """What happened to a KOC."""

    INVITE = "invite", pgettext_lazy("koc", "Invited")
    ACCEPT = "accept", pgettext_lazy("koc", "Accepted")
    DECLINE = "decline", pgettext_lazy("koc", "Declined")
    TAKE_BACK = "take_back", pgettext_lazy("koc", "Invitation taken back")
    LAPSE = "lapse", pgettext_lazy("koc", "Invitation ran out")
    PAUSE = "pause", pgettext_lazy("koc", "Paused")
    RESUME = "resume", pgettext_lazy("koc", "Resumed")
    PROMOTE = "promote", pgettext_lazy("koc", "Promoted")
    LOWER = "lower", pgettext_lazy("koc", "Moved to a lower level")
    DEMOTE = "demote", pgettext_lazy("koc", "Demoted")
    LEAVE = "leave", pgettext_lazy("koc", "Left")
    AGREE = "agree", pgettext_lazy("koc", "Agreed")
    MERGE = "merge", pgettext_lazy("koc", "Merged into another member")


class AgreementKind(models.TextChoices):
    """What a KOC agrees to, each by itself."""

    PROGRAMME = "programme", _("Taking part and publishing")
    REVENUE_SHARE = "revenue_share", _("Revenue share")


class AnswerSource(models.TextChoices):
    """How her answer reached the brand."""

    STAFF = "staff", pgettext_lazy("koc", "Told to staff")
    API = "api", pgettext_lazy("koc", "By the API")


class ProposalKind(models.TextChoices):
    PROMOTE = "promote", pgettext_lazy("koc", "Promote")
    LOWER = "lower", pgettext_lazy("koc", "To a lower level")
    DEMOTE = "demote", pgettext_lazy("koc", "End as KOC")


class ProposalState(models.TextChoices):
    OPEN = "open", pgettext_lazy("proposal", "Open")
    CONFIRMED = "confirmed", pgettext_lazy("proposal", "Confirmed")
    DISMISSED = "dismissed", pgettext_lazy("proposal", "Dismissed")
    OUTDATED = "outdated", pgettext_lazy("proposal", "Outdated")


class Treated(models.TextChoices):
    """Whose change is measured."""

    KOC = "koc", _("KOC themselves")
    GROUPS = "groups", _("Other members of their groups")


class Outcome(models.TextChoices):
    """What is compared before and after."""

    SPEND = "spend", _("Net spend per member, ¥")
    ORDERS = "orders", _("Orders per member")
    CONVERSION = "conversion", _("Share who bought")
    UGC = "ugc", _("Pieces of UGC per member")
