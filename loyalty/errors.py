"""What could not be done with offers, in words that an operator or a member can act on."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed, NotFound, Unprocessable, ValidationFailed

# --- keeping coupons ---


class CouponInvalid(ValidationFailed):
    """The rules of a coupon contradict themselves; `fields` says where."""

    code = "coupon_invalid"
    message = _("This coupon cannot work like that.")


class WorseForMembers(Conflict):
    """After the start rules change in favour of members only."""

    code = "worse_for_members"
    message = _("Members rely on these rules since the start. From now on they change in members' favour only.")


class OfferStateWrong(Conflict):
    """The step does not follow from where the offer stands."""

    code = "offer_state_wrong"
    message = _("This step is not possible in the present state. Load the page again.")


class OfferChanged(Conflict):
    """Somebody else saved it since it was read."""

    code = "offer_changed"
    message = _(
        "Somebody else has changed this meanwhile. What you typed stands here still: look at what stands there now, then "
        "save again to put yours in its place."
    )


class TextNotApproved(Unprocessable):
    """Nothing that members see goes live unreviewed."""

    code = "text_not_approved"
    message = _("The text is not approved. Submit it for legal review first.")


class NothingToGive(Unprocessable):
    """A coupon without stock, without codes, or over before it begins."""

    code = "nothing_to_give"
    message = _("There is nothing to give: no stock, no codes, or its time is over.")


class CodesNotTaken(ValidationFailed):
    """Codes of a file or of a form cannot be taken."""

    code = "codes_not_taken"
    message = _("No code was taken.")


# --- claiming ---


class CouponNotOpen(Unprocessable):
    """Not live, not begun, or over."""

    code = "coupon_not_open"
    message = _("This coupon cannot be claimed now.")


class CouponExhausted(Unprocessable):
    """Every piece is taken."""

    code = "coupon_exhausted"
    message = _("No piece of this coupon is left.")


class CouponLimitReached(Unprocessable):
    """The member has as many as one may have."""

    code = "coupon_limit_reached"
    message = _("This member has as many of this coupon as one member may have.")


# --- redeeming ---


class CodeUnknown(NotFound):
    """No coupon has this code."""

    code = "coupon_code_unknown"
    message = _("No coupon has this code.")
    hint = _("Compare it with what the member shows: it holds letters and digits only.")


class CodeUsed(Conflict):
    """Redeemed already, for another order."""

    code = "coupon_code_used"
    message = _("This code was redeemed already.")


class CodeOfAnother(Conflict):
    """The coupon belongs to somebody else."""

    code = "coupon_of_another"
    message = _("This coupon belongs to another member.")


class CouponExpired(Unprocessable):
    """Its time is over, or it is stopped for a while."""

    code = "coupon_expired"
    message = _("The time of this coupon is over.")


class BelowMinimum(Unprocessable):
    """The order is too small."""

    code = "below_minimum_spend"
    message = _("The order is below the minimum spend of ¥%(least)s.")


class NotStackable(Conflict):
    """Another coupon of the same order forbids it."""

    code = "not_stackable"
    message = _("This coupon does not go together with another one of this order.")


class NotRedeemed(Conflict):
    """There is no such redemption to be taken back."""

    code = "coupon_not_redeemed"
    message = _("This code was not redeemed for this order.")


# --- prizes and draws ---


class PrizeInvalid(ValidationFailed):
    """A prize cannot be kept like that."""

    code = "prize_invalid"
    message = _("This prize cannot be kept like that.")


class PrizesShort(Unprocessable):
    """A draw promises more prizes than there are."""

    code = "prizes_short"
    message = _("There are not enough of these prizes: %(prizes)s.")


class DrawInvalid(ValidationFailed):
    """The rules of a draw are not complete, or contradict themselves."""

    code = "draw_invalid"
    message = _("This draw cannot be published like that.")


class DrawClosed(Unprocessable):
    """Entries are taken between two moments only."""

    code = "draw_closed"
    message = _("This draw takes no entries now.")


class ChancesUsed(Unprocessable):
    """The member has as many chances as the rules allow."""

    code = "chances_used"
    message = _("This member has as many chances as the rules allow.")


class DrawTooEarly(Conflict):
    """Entries may still come."""

    code = "draw_too_early"
    message = _("The draw can be run from %(moment)s on.")


class VoidNotSaid(ValidationFailed):
    """Whoever asks that a draw be void says why, and what members are to read."""

    code = "void_not_said"
    message = _("A draw is not made void without a reason and a notice.")


class OtherPersonVoids(NotAllowed):
    """Whoever asks that a draw be void does not confirm it."""

    code = "other_person_voids"
    message = _("You asked for it: somebody else confirms that the draw is void.")


class VoidChanged(Conflict):
    """Another request stands there than the one that was read."""

    code = "void_changed"
    message = _("The request has changed since you read it. Read it again, then decide.")


class SettingsInvalid(ValidationFailed):
    """A setting lies outside what is possible."""

    code = "offer_settings_invalid"
    message = _("These settings cannot be kept.")


class ReasonNeeded(ValidationFailed):
    """What takes an offer from members before its time says why."""

    code = "reason_needed"
    message = _("This is not done without a reason.")
