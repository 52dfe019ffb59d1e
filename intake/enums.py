"""Choices of the imports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportKind(models.TextChoices):
    PURCHASES = "purchases", _("Purchases")
    MEMBERS = "members", _("Members")
    INTERACTIONS = "interactions", _("Interactions")
    CONSENTS = "consents", _("Consents")


class Layout(models.TextChoices):
    """How a file is laid out: a known form, or columns that the mapping names."""

    CSV = "csv", _("Text table (CSV, TSV)")
    XLSX = "xlsx", _("Excel workbook (XLSX)")
    ONLINE_RETAIL = "online-retail", _("Online Retail")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    QUEUED = "queued", _("Waiting")
    STAGING = "staging", _("Reading")
    APPLYING = "applying", _("Storing")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


#: A job in one of these is taken up again by whoever finds it without a worker.
UNFINISHED = (ImportState.QUEUED, ImportState.STAGING, ImportState.APPLYING)


class Reason(models.TextChoices):
    """Why a row that could be read was rejected all the same; `core.files.Fault` has the reasons of reading."""

    NO_CUSTOMER = "no_customer", _("No customer")
    NO_IDENTITY = "no_identity", _("Nothing to know the member by")
    FUTURE_DATE = "future_date", _("In the future")
    TOO_OLD = "too_old", _("Before 1990")
    TOO_PRECISE = "too_precise", _("More decimals than are kept")
    NO_UNIT_PRICE = "no_unit_price", _("No unit price comes of this amount and quantity")
    BAD_PHONE = "bad_phone", _("Not a phone number")
    BAD_EMAIL = "bad_email", _("Not an e-mail address")
    UNKNOWN_VALUE = "unknown_value", _("Not one of the known values")
    UNKNOWN_STORE = "unknown_store", _("Store not known")
    UNKNOWN_STAFF = "unknown_staff", _("Staff member not known")
    UNKNOWN_MEMBER = "unknown_member", _("Member not known")
    DUPLICATE_MEMBER = "duplicate_member", _("The same member stands further up in this file")
    CONFLICTING_IDENTITIES = "conflicting_identities", _("The identities belong to different members")
    NOT_SEALED = "not_sealed", _("Not encrypted: its member changed meanwhile. Import the row once more")
    NO_CONSENT_EVENT = "no_consent_event", _("No consent: ticked beforehand, or asked for by a channel that it has not")
    MEMBER_ERASED = "member_erased", _("The member has been erased")
