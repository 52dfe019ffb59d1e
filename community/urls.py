"""Addresses of communities, inside the admin."""

from django.urls import URLPattern, URLResolver, path

from community.pages import (
    benefits,
    chats,
    deliveries,
    editing,
    groups,
    koc_acts,
    koc_effect,
    koc_weights,
    kocs,
    ledger,
    moderation,
    moderation_rules,
    payouts,
    people,
    settings,
    tasks_of_koc,
    titles,
    ugc,
    value_plans,
)

app_name = "community"
# --- groups, who is in them, what is said there
GROUPS: list[URLPattern | URLResolver] = [
    path("groups/", groups.listing, name="groups"),
    path("groups/new/", editing.create, name="group_new"),
    path("groups/settings/", settings.settings, name="settings"),
    path("groups/chats/", chats.listing, name="chats"),
    path("groups/chats/new/", chats.create, name="chat_new"),
    path("groups/chats/<int:job_id>/", chats.detail, name="chat"),
    path("groups/chats/<int:job_id>/progress/", chats.progress, name="chat_progress"),
    path("groups/chats/<int:job_id>/rejects.csv", chats.rejects_csv, name="chat_rejects"),
    path("groups/chats/<int:job_id>/cancel/", chats.cancel, name="chat_cancel"),
    path("groups/participants/<int:participant_id>/", people.participant, name="participant"),
    *(
        path(
            f"groups/participants/<int:participant_id>/{verb}/", people.act, {"verb": verb}, name=f"participant_{verb}"
        )
        for verb in people.VERBS
    ),
    path("groups/<int:group_id>/", groups.detail, name="group"),
    path("groups/<int:group_id>/days.csv", groups.days_csv, name="group_days"),
    path("groups/<int:group_id>/edit/", editing.edit, name="group_edit"),
    path("groups/<int:group_id>/close/", editing.close, name="group_close"),
    path("groups/<int:group_id>/hand-over/", editing.hand_over, name="group_hand_over"),
    path("groups/<int:group_id>/rules/", editing.rules, name="group_rules"),
    path("groups/<int:group_id>/join/", people.join, name="group_join"),
]
KOC: list[URLPattern | URLResolver] = [
    path("koc/", kocs.listing, name="koc"),
    path("koc/invite/", koc_acts.invite, name="koc_invite"),
    path("koc/scores/", koc_acts.score_now, name="koc_score"),
    path("koc/weights/", koc_weights.weights, name="koc_weights"),
    path("koc/levels/", koc_weights.levels, name="koc_levels"),
    path("koc/texts/<slug:kind>/", koc_weights.publish, name="koc_text"),
    path("koc/effect/", koc_effect.effect, name="koc_effect"),
    path("koc/effect/measure/", koc_acts.measure_now, name="koc_measure"),
    path("koc/proposals/<int:proposal_id>/", koc_acts.decide, name="koc_decide"),
    path("koc/<int:koc_id>/", kocs.detail, name="koc_page"),
    *(
        path(f"koc/<int:koc_id>/{verb}/", koc_acts.step, {"verb": verb}, name=f"koc_{verb}")
        for verb in (*koc_acts.WITH_REASON, *koc_acts.VERSIONED, "resume", "level")
    ),
]
#: What KOC do and earn.
EARNINGS: list[URLPattern | URLResolver] = [
    path("koc/tasks/", tasks_of_koc.listing, name="tasks"),
    path("koc/tasks/new/", tasks_of_koc.create, name="task_new"),
    path("koc/tasks/<int:task_id>/", tasks_of_koc.detail, name="task"),
    path("koc/tasks/<int:task_id>/edit/", tasks_of_koc.edit, name="task_edit"),
    path("koc/tasks/<int:task_id>/take/", tasks_of_koc.take, name="task_take"),
    *(
        path(f"koc/tasks/<int:task_id>/{verb}/", tasks_of_koc.act, {"verb": verb}, name=f"task_{verb}")
        for verb in (*tasks_of_koc.VERBS, "cancel")
    ),
    path("koc/deliveries/", deliveries.queue, name="deliveries"),
    path("koc/deliveries/<int:delivery_id>/", deliveries.detail, name="delivery"),
    path("koc/deliveries/<int:delivery_id>/file/", deliveries.file, name="delivery_file"),
    *(
        path(
            f"koc/deliveries/<int:delivery_id>/{verb}/",
            deliveries.decide,
            {"verb": verb},
            name=f"delivery_{verb}",
        )
        for verb in ("approve", "return", "drop")
    ),
    path("koc/benefits/", benefits.listing, name="benefits"),
    path("koc/benefits/<int:benefit_id>/give/", benefits.give, name="benefit_give"),
    path("koc/benefits/<int:benefit_id>/switch/", benefits.switch, name="benefit_switch"),
    path("koc/ledger/", ledger.overview, name="ledger"),
    path("koc/ledger/rules/", ledger.share_rules, name="share_rules"),
    path("koc/ledger/payouts/", payouts.listing, name="payouts"),
    path("koc/ledger/payouts/make/", payouts.make, name="payout_make"),
    path("koc/ledger/payouts/<int:payout_id>/", payouts.detail, name="payout"),
    path("koc/ledger/payouts/<int:payout_id>/confirm/", payouts.confirm, name="payout_confirm"),
    path("koc/ledger/payouts/<int:payout_id>/cancel/", payouts.cancel, name="payout_cancel"),
    path("koc/ledger/payments/<int:line_id>/return/", payouts.return_payment, name="payment_return"),
    path("koc/ledger/<int:koc_id>/", ledger.account, name="account"),
    path("koc/ledger/<int:koc_id>/correct/", ledger.correction, name="account_correct"),
    path("ugc/", ugc.listing, name="ugc"),
    path("ugc/new/", ugc.create, name="ugc_new"),
    path("ugc/<int:ugc_id>/", ugc.detail, name="ugc_piece"),
    path("ugc/<int:ugc_id>/file/", ugc.file, name="ugc_file"),
    path("ugc/<int:ugc_id>/rights/", ugc.rights, name="ugc_rights"),
    *(path(f"ugc/<int:ugc_id>/{verb}/", ugc.act, {"verb": verb}, name=f"ugc_{verb}") for verb in ugc.VERBS),
]
# --- moderation, value plans, titles
MODERATION: list[URLPattern | URLResolver] = [
    path("moderation/", moderation.queue, name="moderation"),
    path("moderation/rules/", moderation_rules.rules, name="moderation_rules"),
    path("moderation/rules/new/<slug:kind>/", moderation_rules.add_rule, name="moderation_rule_new"),
    path("moderation/rules/<int:rule_id>/", moderation_rules.rule, name="moderation_rule"),
    path("moderation/settings/", moderation_rules.settings, name="moderation_settings"),
    path("moderation/violations/<int:violation_id>/", moderation.violation, name="violation"),
    path("moderation/violations/<int:violation_id>/decide/", moderation.decide, name="decide_violation"),
    path("moderation/violations/<int:violation_id>/correct/", moderation.correct, name="correct_violation"),
    path("moderation/violations/<int:violation_id>/appeal/", moderation.file_appeal, name="file_appeal"),
    path("moderation/violations/<int:violation_id>/answer/", moderation.answer_appeal, name="answer_appeal"),
]
INCENTIVES: list[URLPattern | URLResolver] = [
    path("titles/", titles.titles, name="titles"),
    path("titles/new/<int:type_id>/", titles.add, name="title_new"),
    path("titles/<int:title_id>/", titles.edit, name="title"),
    path("groups/<int:group_id>/plan/", value_plans.value_plan, name="value_plan"),
    path("groups/<int:group_id>/plan/add/", value_plans.add, name="promise_new"),
    path("groups/<int:group_id>/plan/slots/", value_plans.make, name="make_slots"),
    path("groups/promises/<int:plan_id>/end/", value_plans.end, name="promise_end"),
]
urlpatterns: list[URLPattern | URLResolver] = [*GROUPS, *MODERATION, *INCENTIVES, *KOC, *EARNINGS]
