"""SQL text with its values beside it: text comes from this code only, everything else is a bound parameter."""

from collections.abc import Callable
from typing import Any

Bind = Callable[[Any], str]


class Values(dict[str, Any]):
    """Values by the names that `bind` hands out as placeholders; the same value is bound once."""

    def bind(self, value: Any) -> str:
        """Keep `value` and answer its placeholder."""
        for name, present in self.items():
            if type(present) is type(value) and present == value:
                return f"%({name})s"
        name = f"v{len(self)}"
        self[name] = value
        return f"%({name})s"
