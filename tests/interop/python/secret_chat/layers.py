"""The end-to-end schema, as it was at each layer: schema/end-to-end."""

import re
from functools import cache
from pathlib import Path

from mtproto.tl import Schema

# The text of the official schema; a definition behind `===N===` holds from layer N on.
TEXT = (Path(__file__).resolve().parents[4] / 'schemas' / 'end-to-end.tl').read_text()

FIRST, WRAPPED, REKEYING, VISUALIZED, MTPROTO_2, LATEST = 8, 17, 20, 46, 73, 144


@cache
def schema(layer):
    """What a client of that layer writes; it reads whatever any layer has up to there."""
    lines, since = [], 0
    for line in TEXT.splitlines():
        if mark := re.fullmatch(r'===(\d+)===', line):
            since = int(mark.group(1))
        elif since <= layer:
            lines.append(line)
    return Schema('\n'.join(lines))


@cache
def schema_before_layers():
    """Layer 8 with the one action of a later layer that is sent to clients of it: api/end-to-end_v1, "Notifying"."""
    first = Schema('')
    first.by_name.update(schema(FIRST).by_name)
    notify = schema(WRAPPED).by_name['decryptedMessageActionNotifyLayer']
    first.by_name[notify.name] = notify
    return first
