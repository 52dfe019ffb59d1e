"""The unit price that an amount and a quantity mean."""

from decimal import Decimal, DecimalException

PLACES, CENT = Decimal("0.0001"), Decimal("0.01")


class NoPrice(ValueError):
    """No price with four decimals gives this amount."""


def unit_price(amount: Decimal, quantity: Decimal) -> Decimal:
    """Return the price that times the quantity is the amount, to the cent; a return's amount may be written without sign.

    Raises NoPrice where there is none: quantity 0, or so many pieces that the fourth decimal is more than a cent.
    """
    whole = amount.quantize(CENT)
    signed = -abs(whole) if quantity < 0 else whole
    try:
        price = (signed / quantity).quantize(PLACES)
    except DecimalException:
        raise NoPrice from None
    if abs(price * quantity - signed) >= CENT / 2:
        raise NoPrice
    return price
