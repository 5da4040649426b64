import json

from models.registry import CARD
from models.ship import ship


def test_the_newest_version_replaces_the_one_before(tmp_path, examples, encoder, monkeypatch, capsys):
    monkeypatch.setattr("models.ship.load_encoder", lambda name: encoder)
    rows = [json.dumps({"text": e.text, "intents": list(e.intents), "lang": e.language}) for e in examples]
    path = tmp_path / "examples.jsonl"
    path.write_text("\n".join(rows), "utf-8")
    for _ in range(2):
        ship([path], ["intent"], tmp_path / "weights")
    (version,) = (tmp_path / "weights" / "intent").iterdir()
    assert version.name.endswith("-2")
    assert json.loads((version / CARD).read_text("utf-8"))["examples"] == len(examples)
    assert "100%" in capsys.readouterr().err
