import json

from models.report import report


def test_the_page_has_every_part(tmp_path):
    rows = [
        {"text": "wo ist mein Paket", "label": "de", "source": "own"},
        {"text": "où est mon colis", "label": "fr", "source": "own"},
    ]
    path = tmp_path / "langid.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    page = "\n".join(report([], path))
    assert all(f"## {part}" in page for part in ("Intent", "Emotion", "Conduct", "Language", "What was tried"))
    assert "| own | 2 | 1.0" in page
