"""The witness by meaning: strict reading of its texts, learning, remembering, refusing another encoder's weights."""

import json
from pathlib import Path

import pytest

from knowledge_base.knowledge import CONTENT
from models.examples import ExamplesError
from models.storage import WeightsError
from models.wording import CARD, CHECKS, Wording, WordingWitness, read_wordings, ship
from tests.models.conftest import LetterEncoder

FILES = sorted((CONTENT / "languages").glob("*/wording.jsonl"))
BAD = [
    "pay me in cash outside", "cash outside the site please", "send cash to me outside", "outside we take cash", "cash is fine outside",
    "pay cash, outside of here", "outside, in cash, to me", "bring me cash outside", "cash outside saves fees", "we meet outside for cash",
]  # fmt: skip
GOOD = [
    "your parcel left today", "the parcel is with the courier", "thank you for the photo", "the lamp has a warm light", "size m fits you", "we have asked the courier",
    "the refund follows the return", "sorry for the wait", "the manual is in the box", "your order is packed", "the colour is blue", "it ships on monday",
]  # fmt: skip
TEXTS = [*(Wording(text, "en", ("off_platform",)) for text in BAD), *(Wording(text, "en") for text in GOOD)]


def test_every_language_has_texts_of_every_check_bad_and_harmless() -> None:
    wordings = read_wordings(FILES)
    languages = {one.language for one in wordings}
    assert len(languages) == 14
    counts = {(code, check): 0 for code in languages for check in CHECKS}
    for one in wordings:
        for check in one.finds:
            counts[one.language, check] += 1
    assert min(counts.values()) >= 4
    assert all(sum(not one.finds for one in wordings if one.language == code) >= 20 for code in languages)
    assert len({(one.language, one.text) for one in wordings}) == len(wordings)


def test_no_held_back_text_is_learned() -> None:
    held = {json.loads(line)["text"] for path in Path("tests/checks").glob("*.jsonl") for line in path.read_text("utf-8").splitlines()}  # fmt: skip
    assert held and not held & {one.text for one in read_wordings(FILES)}


@pytest.mark.parametrize(
    ("line", "named"),
    [("{", "Expecting"), ('{"text": "a"}', "finds"), ('{"text": " ", "finds": []}', "no text"), ('{"text": "a", "finds": ["x"]}', "must be of")],
)  # fmt: skip
def test_a_faulty_line_is_named_with_its_file_and_number(tmp_path: Path, line: str, named: str) -> None:
    file = tmp_path / "en" / "wording.jsonl"
    file.parent.mkdir()
    file.write_text(f'{{"text": "fine", "finds": []}}\n{line}\n', "utf-8")
    with pytest.raises(ExamplesError, match=named) as raised:
        read_wordings([file])
    assert f"{file}:2" in str(raised.value)


def test_it_tells_what_is_bad_from_what_is_not_and_is_the_same_once_loaded(tmp_path: Path) -> None:
    encoder = LetterEncoder()
    folder = ship(TEXTS, [], encoder, tmp_path)
    witness = WordingWitness.load(encoder, tmp_path)
    bad, good = (
        witness.probabilities("pay me cash outside"),
        witness.probabilities("your parcel is on its way"),
    )
    assert bad["off_platform"] > good["off_platform"] + 0.2
    assert witness.version == folder.name
    again = ship(TEXTS, [], encoder, tmp_path)
    assert again != folder and not folder.exists()
    assert WordingWitness.load(encoder, tmp_path).probabilities("pay me cash outside") == bad


def test_weights_of_another_encoder_are_refused(tmp_path: Path) -> None:
    folder = ship(TEXTS, [], LetterEncoder(), tmp_path)
    card = json.loads((folder / CARD).read_text("utf-8"))
    (folder / CARD).write_text(json.dumps(card | {"encoder": {"name": "other", "revision": "1"}}), "utf-8")
    with pytest.raises(WeightsError, match="another encoder"):
        WordingWitness.load(LetterEncoder(), tmp_path)
    with pytest.raises(WeightsError, match="no version"):
        WordingWitness.load(LetterEncoder(), tmp_path / "none")
