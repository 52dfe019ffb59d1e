"""Columns for protected values: a ciphertext, and the blind index by which an equal value is found.

The fields hold bytes and do nothing by themselves; `core.services.sealing` seals and opens, for one row or a million.
"""

from typing import TYPE_CHECKING, Any

from django.core import checks
from django.db import models

if TYPE_CHECKING:
    _Bytes = models.BinaryField[bytes | None, bytes | None]
else:
    _Bytes = models.BinaryField  # takes type arguments in its stubs only


class EncryptedTextField(_Bytes):
    """A text sealed under the key of its subject: `subject_kind` names whose key, `subject` the attribute with its id.

        phone = EncryptedTextField(subject_kind="member", subject="member_id")

    The value in Python is the sealed bytes. It must be sealed anew when the row moves to another subject.
    """

    def __init__(self, *args: Any, subject_kind: str, subject: str, **kwargs: Any) -> None:
        self.subject_kind = subject_kind
        self.subject = subject
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "subject_kind": self.subject_kind, "subject": self.subject}

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_subject()]

    def _check_subject(self) -> list[checks.CheckMessage]:
        attributes = {"pk"} | {field.attname for field in self.model._meta.concrete_fields}
        if self.subject in attributes:
            return []
        return [checks.Error(f"subject={self.subject!r} is no attribute of the model.", obj=self, id="core.E001")]

    @property
    def place(self) -> str:
        """`app.Model.field`: the part of the associated data that names the column."""
        return f"{self.model._meta.label}.{self.name}"


class BlindIndexField(_Bytes):
    """The keyed index of a protected value (`core.keys.blind_index(purpose, …)`); equality is all it can tell."""

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        kwargs.setdefault("max_length", 16)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}
