"""Features that wait for an assessment: the one question that every door to them asks."""

from datetime import datetime

from django.core.exceptions import ImproperlyConfigured

from core.registries import feature_guards, features


def require_feature(code: str, *, now: datetime) -> None:
    """Raise the error of the first guard that refuses.

    A feature that nobody registered is a KeyError; no guard at all is ImproperlyConfigured, never a pass.
    """
    feature = features.get(code)
    if len(feature_guards) == 0:
        raise ImproperlyConfigured("Features are registered, but nothing guards them.")
    for guard in feature_guards:
        guard.refuse(feature.code, now)
