"""What campaigns do by themselves."""

from campaigns import consumers

__all__ = ["consumers"]
