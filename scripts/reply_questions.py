"""Writes the replies' example questions with their intents as JSONL, for `python -m models.tuning --questions`."""

import json
import sys
from pathlib import Path

from knowledge_base.knowledge import read_knowledge

if __name__ == "__main__":
    variants = read_knowledge().replies.variants
    rows = {
        (code, question): reply.partition(".")[0]
        for (reply, code), variant in sorted(variants.items())
        for question in variant.questions
    }
    lines = [
        json.dumps({"text": q, "lang": code, "intents": [intent]}, ensure_ascii=False)
        for (code, q), intent in rows.items()
        if intent != "outreach"
    ]
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")
