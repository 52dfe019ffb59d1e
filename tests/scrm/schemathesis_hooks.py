"""Times that the API takes now and then: of all texts in the form of a time, hardly one lies within ten years."""

from datetime import UTC, datetime
from typing import Any

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format(
    "date-time",
    st.one_of(
        st.datetimes(min_value=datetime(2025, 6, 1), max_value=datetime(2026, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        st.datetimes(timezones=st.just(UTC)),
    ).map(lambda moment: moment.isoformat()),
)


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Most numbers of members become one of the twenty that there are."""
    del context
    for name in ("id", "member_id"):
        number = (path_parameters or {}).get(name)
        if path_parameters and isinstance(number, int) and number % 4:
            path_parameters[name] = 1 + number % 20
    return path_parameters
