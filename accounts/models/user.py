"""The custom user: one role, and a scope that follows from it."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.enums import Reach, Role
from accounts.models.store import Region, Store
from audit.models import keep_history
from core.registries import permissions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# A role that is not named here sees nobody. (A text choice equals its text, as a key too.)
REACH_OF_ROLE: "Mapping[str, Reach]" = {
    Role.ADMINISTRATOR: Reach.ALL,
    Role.MARKETER: Reach.ALL,
    Role.STORE_MANAGER: Reach.STORES,
    Role.GUIDE: Reach.OWN,
    Role.JUNIOR_SERVICE: Reach.ALL,
    Role.EXPERT: Reach.ALL,
    Role.AUDITOR: Reach.ALL,
    Role.ANALYST: Reach.ALL,
    Role.API_CLIENT: Reach.ALL,
}


@keep_history(fields=["role", "is_active", "is_staff", "is_superuser", "region"])
class User(AbstractUser):  # type: ignore[django-manager-missing]  # the base of Authenticator comes without types
    """A member of staff or a program. Permissions come from the role, never from groups."""

    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.GUIDE, db_index=True)
    display_name = models.CharField(_("display name"), max_length=80, blank=True)
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("region"),
        help_text=_("A manager with a region sees all of its stores."),
    )
    session_epoch = models.PositiveIntegerField(_("session epoch"), default=0, editable=False)
    stores = models.ManyToManyField(Store, blank=True, related_name="staff", verbose_name=_("stores"))

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def audit_label(self) -> str:
        return self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session lasts as long as all of this stays: another password, role or scope ends it at the next request.

        `session_epoch` is moved by services, for what stands in no column here, and so that a session which ended does
        not come back when a change is taken back.
        """
        facts = (self.password, self.role, self.region_id, self.is_active, self.is_staff, self.is_superuser)
        text = "|".join(map(str, (*facts, self.session_epoch)))
        return salted_hmac("accounts.User.session", text, secret=secret, algorithm="sha256").hexdigest()

    @property
    def reach(self) -> Reach:
        """Which members this user may see; an API client with stores or a region is held to those."""
        if not self.is_active or self.pk is None:
            return Reach.NOBODY
        if self.is_superuser:
            return Reach.ALL
        if self.role == Role.API_CLIENT and (self.region_id is not None or self.stores.exists()):
            return Reach.STORES
        return REACH_OF_ROLE.get(self.role, Reach.NOBODY)

    def own_stores(self) -> "models.QuerySet[Store]":
        """The stores given to her, and all of her region if she has one. None of either: no store."""
        given = models.Q(pk__in=self.stores.values("pk"))
        return Store.objects.filter(given if self.region_id is None else given | models.Q(region=self.region_id))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """True where the role was granted the permission by the app that owns it."""
        del obj
        if not self.is_active:
            return False
        return self.is_superuser or self.role == Role.ADMINISTRATOR or perm in permissions_of(self.role)

    def has_perms(self, perm_list: "Iterable[str]", obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        if not self.is_active:
            return False
        if self.is_superuser or self.role == Role.ADMINISTRATOR:
            return True
        return any(permission.startswith(f"{app_label}.") for permission in permissions_of(self.role))
