"""Sample messages that fill an empty desk, moved in time so that the newest has just come."""

import json
import re
from datetime import date, datetime, timedelta
from pathlib import Path

from app.api.requests import MessageIn
from app.desk import Desk, Person
from knowledge_base.knowledge import CONTENT

SAMPLES = CONTENT / "sites" / "default.samples.jsonl"
_MOMENT = re.compile(r'"(\d{4}-\d{2}-\d{2}T[^"]+)"')
_DAY = re.compile(r'"(\d{4}-\d{2}-\d{2})"')
SAMPLER = Person("sample data", "integration")


def read_samples(now: datetime, path: Path = SAMPLES) -> list[MessageIn]:
    """The messages with all their times shifted by the same whole days, so that none lies in the future."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    newest = max(datetime.fromisoformat(json.loads(line)["received_at"]) for line in lines)
    shift = timedelta(days=(now - newest).days)
    return [MessageIn.model_validate_json(_shifted(line, shift)) for line in lines]


def _shifted(line: str, by: timedelta) -> str:
    line = _MOMENT.sub(lambda match: f'"{(datetime.fromisoformat(match[1]) + by).isoformat()}"', line)
    return _DAY.sub(lambda match: f'"{(date.fromisoformat(match[1]) + by).isoformat()}"', line)


def fill(desk: Desk, now: datetime) -> int:
    """Receives each sample once, if nothing was ever received; returns how many."""
    if desk.count_drafts():
        return 0
    samples = read_samples(now)
    for number, sample in enumerate(samples):
        desk.receive(sample.to_domain("en"), None, f"sample-{number}", SAMPLER)
    return len(samples)
