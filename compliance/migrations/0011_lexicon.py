"""The shipped lexicon, as the first version of each installation's own."""

from typing import Any

from django.db import migrations
from django.utils import timezone

from compliance.models.lexicon import CONTENT
from compliance.rules.folding import folded
from compliance.rules.shipped import shipped
from compliance.selectors.lexicon import digest_of

# A brand switches on the packs of its trades.
PACKS = ["cosmetics", "food", "general", "medical", "promotion", "statutory"]


def load(apps: Any, _editor: Any) -> None:
    entries: dict[tuple[str, str], dict[str, str]] = {}
    for wording in shipped():
        content = {name: getattr(wording, name) for name in CONTENT}
        entries.setdefault((wording.pack, folded(wording.phrase)), content)
    model = apps.get_model("compliance", "LexiconEntry")
    model.objects.bulk_create(model(**content, key=key, since=1) for (_pack, key), content in sorted(entries.items()))
    rows = [[content[name] for name in CONTENT] for content in entries.values()]
    apps.get_model("compliance", "LexiconVersion").objects.create(
        number=1,
        packs=PACKS,
        reason="随产品提供的词库",
        at=timezone.now(),
        added=len(rows),
        entries=len(rows),
        digest=digest_of(rows, PACKS),
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0010_content")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
