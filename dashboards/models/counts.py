"""When each count of the night was last done to its end."""

from django.db import models

from dashboards.enums import NightlyCount


class CountDone(models.Model):
    """Written with the figures; one that never was tells of a count that has never succeeded. No personal data."""

    code = models.CharField(max_length=20, choices=NightlyCount, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code
