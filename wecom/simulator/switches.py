"""What the documentation leaves open, and the sizes a test may want smaller; each names its rule.

A value is global, or of one corp. Nothing else may be set, and only to a value of the same kind.
"""

from wecom.simulator.errors import ControlRefused

Value = str | int | float | bool

DEFAULTS: dict[str, Value] = {
    "expired_token_code": 42001,  # rule 2 [?]: 42001 or 40014
    "token_reissue": "same",  # rule 4 [?]: same, new_keeps_old, new_ends_old
    "token_seconds": 7200,  # rule 1
    "wrong_secret_limit": 2000,  # rule 5 [C]: per hour and IP
    "rate_per_minute": 10_000,  # rule 9: per corp and API
    "rate_per_hour": 150_000,
    "ip_per_minute": 20_000,
    "ip_per_hour": 600_000,
    "concurrent_calls": 10,  # rule 10 [?]
    "processing_seconds": 0.0,  # rule 10: how long a call occupies its place
    "member_per_minute": 30,  # rule 11: app messages to one member
    "member_per_hour": 1000,
    "callback_timeout": 5.0,  # rule 12: seconds of the machine, not of the clock
    "callback_retries": 3,
    "callback_retry_seconds": 5.0,
    "callback_retry_non_200": True,  # rule 12 [?]: 90238 says yes, 90930 no
    "callback_workers": 4,
    "group_stale_seconds": 0,  # rule 15: up to 2 in reality
    "break_member_versions": False,  # rule 15
    "contact_way_limit": 500_000,  # rule 19
    "group_capacity": 500,  # rule 20 [C]
    "acquisition_open": True,  # rule 21: 41200 otherwise
    "welcome_seconds": 20,  # rule 22
    "admin_welcome": False,  # rule 22: the corp has a welcome of its own, so no code is sent
    "mass_cap": "monthly_days",  # rule 23: monthly_days, weekly_7, daily_1, legacy_monthly_4
    "capped_in_fail_list": False,  # rule 24 [?]
    "mass_dispatch_seconds": 0,  # rule 25: 41063 meanwhile
    "moment_seconds": 2,  # rule 27: how long the job runs, and then its dispatch
    "kf_edges": "documented",  # rule 32 [?]: documented, or lenient
    "archive_agreed": True,  # rule 35
}
CHOICES: dict[str, tuple[Value, ...]] = {
    "expired_token_code": (42001, 40014),
    "token_reissue": ("same", "new_keeps_old", "new_ends_old"),
    "mass_cap": ("monthly_days", "weekly_7", "daily_1", "legacy_monthly_4"),
    "kf_edges": ("documented", "lenient"),
}


def check_switch(name: str, value: object) -> Value:
    if name not in DEFAULTS:
        raise ControlRefused(f"There is no switch {name}; there are: {', '.join(sorted(DEFAULTS))}.")
    default = DEFAULTS[name]
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(default):
        raise ControlRefused(f"The switch {name} takes a {type(default).__name__}, not {value!r}.")
    if value not in CHOICES.get(name, (value,)):
        raise ControlRefused(f"The switch {name} is one of {', '.join(map(str, CHOICES[name]))}.")
    return value
