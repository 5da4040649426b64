"""Requests outside: never into the house, never for ever, never more than can be held."""

from collections.abc import Iterator, Sequence

import pytest

from app.errors import InvalidInput
from app.jobs import TryAgain
from app.outward import MOST_BYTES, Outward, is_outside
from tests.app.receiver import Answer, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


class Names:
    """A resolver that a test writes."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:  # noqa: ARG002
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


INSIDE = ["127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1",  # noqa: S104
          "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_the_house_is_known_as_such(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_an_address_of_the_internet_is_known_as_such(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "url",
    ["http://shop.example.com/", "ftp://shop.example.com/", "https://", "nonsense", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest",
     "https://user:secret@shop.example.com/", "https://shop.example.com/#part"],
)  # fmt: skip
def test_an_address_that_cannot_be_called_is_refused_when_it_is_named(url: str) -> None:
    with pytest.raises(InvalidInput):
        Outward(private=False).check(url)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:127.0.0.1"]])
def test_a_name_with_an_address_inside_the_house_is_not_called(addresses: list[str]) -> None:
    with pytest.raises(TryAgain, match="inside the house"):
        Outward(private=False, resolve=Names(addresses)).send("POST", "https://shop.example.com/", {})


def test_the_connection_goes_to_the_address_that_was_looked_at(receiver: Receiver) -> None:
    """A name that would answer otherwise the second time is not asked a second time."""
    names = Names(["127.0.0.1"], ["10.255.255.1"])
    port = receiver.url.rpartition(":")[2]
    answered = Outward(private=True, resolve=names).send(
        "POST", f"http://shop.example.com:{port}/x?a=1", {"a": "b"}, b"{}"
    )
    (came,) = receiver.came
    assert answered.status == 204 and names.asked == 1
    assert (came.headers["host"], came.path, came.body) == (f"shop.example.com:{port}", "/x?a=1", b"{}")


def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer(receiver: Receiver) -> None:
    port = receiver.url.rpartition(":")[2]
    outward = Outward(private=True, resolve=Names(["::1", "127.0.0.1"]))
    assert outward.send("POST", f"http://shop.example.com:{port}/", {}).is_fine


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.answers = [Answer(302, {"location": f"{receiver.url}/inside"})]
    answered = Outward(private=True).send("POST", f"{receiver.url}/", {})
    assert (answered.status, answered.is_fine, len(receiver.came)) == (302, False, 1)


@pytest.mark.parametrize("answer", [Answer(slow_s=3), Answer(200, drip=True)], ids=["silent", "drop by drop"])
def test_a_slow_answer_is_not_waited_for(receiver: Receiver, answer: Answer) -> None:
    receiver.answers = [answer]
    with pytest.raises(TryAgain, match="within"):
        Outward(private=True, within_s=0.5).send("POST", receiver.url, {})


def test_of_a_large_answer_only_so_much_is_read(receiver: Receiver) -> None:
    receiver.answers = [Answer(200, body=b"x" * (MOST_BYTES + 500_000))]
    assert len(Outward(private=True).send("POST", receiver.url, {}).body) == MOST_BYTES


def test_nobody_there_is_said() -> None:
    with pytest.raises(TryAgain, match="no answer"):
        Outward(private=True).send("POST", "http://127.0.0.1:1/", {})


def test_a_host_without_an_address_is_said() -> None:
    with pytest.raises(TryAgain, match="no address"):
        Outward(private=True, resolve=Names([])).send("POST", "http://shop.example.com/", {})
