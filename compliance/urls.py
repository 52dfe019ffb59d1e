"""Addresses of compliance, inside the admin."""

from django.urls import path

from compliance.pages import lexicon, proofs, reviews, versions, wordings

app_name = "compliance"
urlpatterns = [
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
