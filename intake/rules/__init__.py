"""Plain definitions: the fields of each kind of import, mappings from columns to them, cells as values."""
