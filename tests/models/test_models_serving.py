"""What is shipped can be served: without training libraries, and with sound predictions."""

import subprocess
import sys

import pytest

from models.encoder import load_reader
from models.registry import KINDS, SHIPPED, Registry
from models.text import clean, encode_text
from models.training import load

SERVE = """
import sys
from pathlib import Path
from models.encoder import load_reader
from models.entities import find_entities
from models.language import LanguageDetector
from models.registry import KINDS, SHIPPED, Registry
from models.text import encode_text
from models.training import load
registry = Registry(SHIPPED, Path("none"))
encoded = encode_text(load_reader(), "where is my parcel RB123456785CN, call +1 555 0100 123")
[load(kind, registry.folder(kind, registry.promoted(kind))).predict(encoded) for kind in KINDS]
LanguageDetector().detect("hola"), find_entities(encoded.text, "US")
print(sorted({name.split(".")[0] for name in sys.modules} & {"sklearn", "scipy", "pandas", "torch", "matplotlib", "onnx", "app", "knowledge_base"}))
"""


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    registry = Registry(SHIPPED, tmp_path_factory.mktemp("none"))
    return {kind: load(kind, registry.folder(kind, registry.promoted(kind))) for kind in KINDS}


def test_serving_imports_no_training_library():
    run = subprocess.run([sys.executable, "-c", SERVE], capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


@pytest.mark.parametrize("kind", KINDS)
def test_shipped_weights_are_small_and_described(kind):
    registry = Registry(SHIPPED, SHIPPED / "none")
    (version,) = registry.versions(kind)
    assert sum(path.stat().st_size for path in registry.folder(kind, version).iterdir()) < 10e6
    assert registry.card(kind, version)["encoder"]["name"] == load_reader().name


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("where is my parcel??", "order_tracking"),
        ("¿Qué talla me recomiendan si uso 38?", "size_fit"),
        ("Die Tasse kam zerbrochen an", "item_damaged"),
        ("我要订500个，能给批发价吗", "wholesale"),
        ("quero cancelar meu pedido", "order_cancel"),
        ("hello", "greeting"),
        ("thank you so much, I love it!", "thanks_praise"),
    ],
)
def test_plain_requests_are_understood(heads, text, intent):
    assert heads["intent"].predict(encode_text(load_reader(), clean(text))).intents[0].id == intent


def test_plain_anger_is_felt(heads):
    assert (
        heads["emotion"].predict(encode_text(load_reader(), "YOU ARE THIEVES!!! GIVE ME MY MONEY BACK NOW")).id
        == "angry"
    )


def test_a_lawyer_is_noticed(heads):
    flags = heads["conduct"].predict(encode_text(load_reader(), "I will hand this over to my lawyer and the police"))
    assert "threatens_legal" in [flag.id for flag in flags]
