"""Step one for purchases: files that name no unit price, or no code of a product, get them from what they do name."""

from decimal import Decimal
from functools import lru_cache

from django.db.backends.utils import CursorWrapper

from core.files import Fault
from intake.enums import Reason
from intake.rules.prices import NoPrice, unit_price
from intake.services.staging import Chunk, Stager

CODE_LENGTH = 64


class PurchaseStager(Stager):
    """Reads a file of purchases; what the file says itself is believed first."""

    def write(self, cursor: CursorWrapper, chunk: Chunk) -> int:
        return super().write(cursor, self._with_codes(self._with_prices(chunk)))

    def _with_prices(self, chunk: Chunk) -> Chunk:
        amounts = chunk.pop("amount", None)
        if amounts is None or "unit_price" in chunk:
            return chunk
        pairs = zip(amounts, chunk["quantity"], strict=True)
        chunk["unit_price"] = [_price(amount, quantity) for amount, quantity in pairs]
        return self.without(chunk, chunk["unit_price"], Reason.NO_UNIT_PRICE, "amount")

    def _with_codes(self, chunk: Chunk) -> Chunk:
        """A name that is too long for a code is refused: cut off, two products might become one."""
        if "product_code" in chunk:
            return chunk
        names = chunk["product_code"] = chunk["product_name"]
        chunk = self.without(chunk, names, Fault.MISSING_VALUE, "product_name")
        fits = [len(name) <= CODE_LENGTH for name in chunk["product_code"]]
        return self.without(chunk, fits, Fault.TOO_LONG, "product_name")


@lru_cache(maxsize=1 << 16)
def _price(amount: str, quantity: str) -> str:
    try:
        return f"{unit_price(Decimal(amount), Decimal(quantity)):f}"
    except NoPrice:
        return ""
