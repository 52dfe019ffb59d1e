"""Regions and the stores in them."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models.user import User


class Region(models.Model):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class StoreQuerySet(models.QuerySet["Store"]):
    def of(self, user: "User") -> Self:
        """The stores that are given to `user`, and all of her region if she has one. None of either: no store."""
        given = Q(pk__in=user.stores.values("pk"))
        return self.filter(given if user.region_id is None else given | Q(region=user.region_id))


class Store(models.Model):
    """A shop, counter or online shop that members call theirs."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="stores", verbose_name=_("region"))
    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    city = models.CharField(_("city"), max_length=40, blank=True)
    is_open = models.BooleanField(_("open"), default=True)

    objects = StoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name
