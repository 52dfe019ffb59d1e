"""What a relation must look like to be recorded as facts: columns in order, with their types.

A caller brings any relation with these columns (more do no harm): a table it filled by COPY, a view, a SELECT that
joins its own staging with the members resolved. Values are clean: nothing is null that is not marked, texts fit, and
`line_no` tells the lines apart.
"""

from collections.abc import Mapping

PURCHASE_COLUMNS: Mapping[str, str] = {
    "line_no": "bigint NOT NULL",
    "member_id": "bigint NOT NULL",
    "source": "varchar(40) NOT NULL",
    "order_no": "varchar(64) NOT NULL",
    "line_at": "timestamptz NOT NULL",
    "product_code": "varchar(64) NOT NULL",
    "product_name": "varchar(200) NOT NULL",
    "quantity": "numeric NOT NULL",
    "unit_price": "numeric NOT NULL",
    "store_id": "bigint",
    "channel": "varchar(40) NOT NULL DEFAULT ''",
    "coupon_code": "varchar(64) NOT NULL DEFAULT ''",
    "referral_code": "varchar(64) NOT NULL DEFAULT ''",
}
INTERACTION_COLUMNS: Mapping[str, str] = {
    "line_no": "bigint NOT NULL",
    "member_id": "bigint NOT NULL",
    "source": "varchar(40) NOT NULL",
    "key": "varchar(200)",
    "occurred_at": "timestamptz NOT NULL",
    "kind": "varchar(20) NOT NULL",
    "channel": "varchar(40) NOT NULL DEFAULT ''",
    "subject": "varchar(200) NOT NULL DEFAULT ''",
    "store_id": "bigint",
    "properties": "jsonb",
}
TOUCH_COLUMNS: Mapping[str, str] = {
    "line_no": "bigint NOT NULL",
    "member_id": "bigint NOT NULL",
    "source": "varchar(40) NOT NULL",
    "key": "varchar(200)",
    "occurred_at": "timestamptz NOT NULL",
    "channel": "varchar(40) NOT NULL DEFAULT ''",
    "utm_source": "varchar(100) NOT NULL DEFAULT ''",
    "utm_medium": "varchar(100) NOT NULL DEFAULT ''",
    "utm_campaign": "varchar(100) NOT NULL DEFAULT ''",
    "utm_content": "varchar(100) NOT NULL DEFAULT ''",
    "utm_term": "varchar(100) NOT NULL DEFAULT ''",
    "code": "varchar(64) NOT NULL DEFAULT ''",
    "inviter_id": "bigint",
}
