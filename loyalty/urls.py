"""Addresses of offers, inside the admin."""

from django.urls import path

from loyalty.pages import codes, coupons, draws, forms, prizes

app_name = "loyalty"
urlpatterns = [
    path("offers/", coupons.listing, name="coupons"),
    path("offers/add/", forms.edit, name="coupon_add"),
    path("offers/<int:coupon_id>/", coupons.detail, name="coupon"),
    path("offers/<int:coupon_id>/edit/", forms.edit, name="coupon_edit"),
    path("offers/<int:coupon_id>/move/", coupons.move, name="coupon_move"),
    path("offers/<int:coupon_id>/codes/", codes.add, name="coupon_codes"),
    path("offers/code/<int:grant_id>/", codes.show, name="code"),
    path("offers/prizes/", prizes.listing, name="prizes"),
    path("offers/prizes/save/", prizes.save, name="prize_save"),
    path("offers/prizes/settings/", prizes.settings, name="prize_settings"),
    path("offers/draws/", draws.listing, name="draws"),
    path("offers/draws/add/", draws.edit, name="draw_add"),
    path("offers/draws/<int:draw_id>/", draws.detail, name="draw"),
    path("offers/draws/<int:draw_id>/edit/", draws.edit, name="draw_edit"),
    path("offers/draws/<int:draw_id>/move/", draws.move, name="draw_move"),
]
