"""What happens in this app, in the words of the record of acts."""

from django.utils.translation import gettext_lazy as _

from core.registries import name_acts

name_acts(
    "loyalty",
    create_coupon=_("Added a coupon"),
    update_coupon=_("Changed the rules of a coupon"),
    launch_coupon=_("Launched a coupon"),
    pause_coupon=_("Paused a coupon"),
    end_coupon=_("Ended a coupon"),
    generate_codes=_("Generated coupon codes"),
    import_codes=_("Imported coupon codes"),
    read_code=_("Looked at a coupon code"),
    claim=_("Claimed a coupon"),
    give=_("Gave a coupon to many"),
    redeem=_("Redeemed a coupon"),
    release=_("Gave a redeemed coupon back"),
    credit_orders=_("Credited the coupon codes of orders"),
    create_prize=_("Added a prize"),
    update_prize=_("Changed a prize"),
    change_settings=_("Changed the settings of offers"),
    create_draw=_("Added a draw"),
    update_draw=_("Changed the rules of a draw"),
    publish_draw=_("Published the rules of a draw"),
    stop_draw=_("Stopped a draw whose text is not approved any more"),
    resume_draw=_("Let a stopped draw go on"),
    enter_draw=_("Entered a draw"),
    ask_void_draw=_("Asked that a draw be void"),
    keep_draw=_("Took back that a draw is to be void"),
    void_draw=_("Made a draw void"),
    run_draw=_("Ran a draw"),
    prove_draw=_("Computed a draw again"),
)
