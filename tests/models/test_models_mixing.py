"""Messages made of two hold both intents, in the order that real ones mostly have, and nothing else."""

from models.examples import Example, Turn
from models.tuning.mixing import ALONE, LONGEST, joined

LATE = Example("My parcel is two weeks late.", "en", ("delivery_delay",), "frustrated", 0.5, ("urgent",))
SIZE = Example("which size for 172 cm", "en", ("size_fit",), "neutral", 0.0)
BOTH = Example("late again, and which size?", "en", ("delivery_delay", "size_fit"))
GERMAN = Example("Wo bleibt mein Paket?", "de", ("order_tracking",))


def test_two_messages_of_a_language_become_one_with_both_intents() -> None:
    made = joined([LATE, SIZE, BOTH], 20)
    assert len(made) == 20
    assert {one.intents for one in made} == {("delivery_delay", "size_fit")}
    assert all(LATE.text in one.text and SIZE.text in one.text for one in made)
    assert {one.also for one in made} == {("size_fit",)}


def test_they_carry_no_feeling_and_no_conduct() -> None:
    assert all(one.emotion is None and one.conduct == () for one in joined([LATE, SIZE], 5))


def test_the_same_intent_twice_stands_once() -> None:
    assert joined([SIZE, Example("and in inches?", "en", ("size_fit",))], 1)[0].intents == ("size_fit",)


def test_languages_are_not_mixed_and_one_message_alone_makes_none() -> None:
    assert joined([LATE, GERMAN], 5) == []


def test_long_ones_greetings_and_answers_to_something_are_left_out() -> None:
    long = Example("x" * (LONGEST + 1), "en", ("size_fit",))
    answer = Example("yes please", "en", ("order_cancel",), history=(Turn("seller", "Shall we cancel it?"),))
    alone = [Example("hello", "en", (intent,)) for intent in sorted(ALONE)]
    assert joined([LATE, long, answer, BOTH, *alone], 5) == []


def test_the_same_seed_makes_the_same() -> None:
    assert joined([LATE, SIZE, BOTH], 8, 3) == joined([LATE, SIZE, BOTH], 8, 3)
