"""Rule 14: what is done through the API calls nothing back; acts of clients and of the admin do, and so do transfers."""

CLIENT, ADMIN, API, TRANSFER = "client", "admin", "api", "transfer"


def calls_back(origin: str) -> bool:
    return origin != API
