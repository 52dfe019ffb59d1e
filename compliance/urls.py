"""Addresses: those of staff inside the admin, and those that members open by their link."""

from django.urls import include, path

from compliance.pages import (
    centre,
    gate,
    lexicon,
    member,
    notices,
    personal_data,
    proofs,
    requests,
    retention,
    reviews,
    settings,
    suppression,
    versions,
    wordings,
)  # fmt: skip

app_name = "compliance"
urlpatterns = [
    path("compliance/gate/", gate.dry_run, name="gate"),
    path("compliance/settings/", settings.editor, name="settings"),
    path("compliance/notices/", notices.listing, name="notices"),
    path("compliance/notices/begin/", notices.begin, name="notice_begin"),
    path("compliance/notices/<int:notice_id>/", notices.detail, name="notice"),
    path("compliance/notices/<int:notice_id>/submit/", notices.submit, name="notice_submit"),
    path("compliance/notices/<int:notice_id>/publish/", notices.publish_notice, name="notice_publish"),
    path("compliance/notices/<int:notice_id>/discard/", notices.discard, name="notice_discard"),
    path("compliance/suppression/", suppression.listing, name="suppression"),
    path("compliance/suppression/add/", suppression.add, name="suppression_add"),
    path("compliance/suppression/find/", suppression.find, name="suppression_find"),
    path("compliance/suppression/<int:entry_id>/lift/", suppression.lift_entry, name="suppression_lift"),
    path("compliance/members/<int:member_id>/link/", member.link, name="member_link"),
    path("compliance/members/<int:member_id>/withdraw/", member.withdraw, name="member_withdraw"),
    path("compliance/members/<int:member_id>/restrict/", member.restrict_use, name="member_restrict"),
    path("compliance/requests/", requests.listing, name="requests"),
    path("compliance/requests/settings/", requests.change_settings, name="rights_settings"),
    path("compliance/requests/<int:request_id>/", requests.detail, name="request"),
    path("compliance/requests/<int:request_id>/copy/", requests.copy, name="request_copy"),
    path("compliance/requests/<int:request_id>/<slug:verb>/", requests.act, name="request_act"),
    path("compliance/members/<int:member_id>/request/", requests.open_one, name="request_open"),
    path("compliance/personal-data/", personal_data.listing, name="personal_data"),
    path("compliance/retention/", retention.listing, name="retention"),
    path("compliance/retention/hold/", retention.hold, name="hold"),
    path("compliance/retention/hold/<int:hold_id>/lift/", retention.lift, name="hold_lift"),
    path("compliance/retention/<slug:code>/", retention.change, name="retention_change"),
    path("lexicon/", lexicon.listing, name="lexicon"),
    path("lexicon/try/", lexicon.try_text, name="lexicon_try"),
    path("lexicon/add/", lexicon.entry, name="lexicon_add"),
    path("lexicon/<int:entry_id>/", lexicon.entry, name="lexicon_entry"),
    path("lexicon/<int:entry_id>/retire/", lexicon.retire, name="lexicon_retire"),
    path("lexicon/packs/", lexicon.packs, name="lexicon_packs"),
    path("lexicon/versions/", versions.listing, name="lexicon_versions"),
    path("lexicon/versions/diff/", versions.diff, name="lexicon_diff"),
    path("lexicon/export/", versions.export, name="lexicon_export"),
    path("lexicon/import/", versions.import_file, name="lexicon_import"),
    path("reviews/", reviews.listing, name="reviews"),
    path("reviews/add/", wordings.edit, name="wording_add"),
    path("reviews/<int:review_id>/", reviews.detail, name="review"),
    path("reviews/<int:review_id>/text/", wordings.edit, name="wording"),
    path("reviews/<int:review_id>/submit/", reviews.submit, name="review_submit"),
    path("reviews/<int:review_id>/approve/", reviews.approve, name="review_approve"),
    path("reviews/<int:review_id>/return/", reviews.send_back, name="review_return"),
    path("reviews/<int:review_id>/proof/", proofs.add, name="review_proof"),
    path("reviews/<int:review_id>/proof/<int:proof_id>/", proofs.download, name="review_proof_file"),
]
#: For `include()` outside of the admin.
privacy = include(
    (
        [
            path("notice/", centre.notice_page, name="notice"),
            path("<str:token>/", centre.centre, name="centre"),
            path("<str:token>/switch/", centre.switch, name="switch"),
            path("<str:token>/off/", centre.switch_all_off, name="all_off"),
            path("<str:token>/<slug:code>/", centre.act, name="act"),
        ],
        "privacy",
    )
)
