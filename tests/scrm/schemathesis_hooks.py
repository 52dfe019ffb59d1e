"""Times that the API takes now and then: of all texts in the form of a time, hardly one lies within ten years."""

from datetime import UTC, datetime

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format(
    "date-time",
    st.one_of(
        st.datetimes(min_value=datetime(2025, 6, 1), max_value=datetime(2026, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        st.datetimes(timezones=st.just(UTC)),
    ).map(lambda moment: moment.isoformat()),
)
