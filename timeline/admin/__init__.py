"""Facts in the admin: purchases to look at, products to name, the timeline and spend of a member."""

from timeline.admin import member_page
from timeline.admin.products import ProductAdmin
from timeline.admin.purchases import PurchaseAdmin

__all__ = ["ProductAdmin", "PurchaseAdmin", "member_page"]
