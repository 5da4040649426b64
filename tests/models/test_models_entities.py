import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.entities import ENTITY_TYPES, find_entities
from models.recognisers.base import fold
from models.recognisers.codes import upu_check_digit
from models.recognisers.contacts import luhn


def found(text, market=None):
    return [(entity.type, entity.value) for entity in find_entities(text, market)]


@pytest.mark.parametrize(
    ("text", "market", "expected"),
    [
        ("RB123456785CN", None, [("tracking_number", "RB123456785CN")]),
        ("rb 123 456 785 cn", None, [("tracking_number", "RB123456785CN")]),
        ("LP00123456789012", None, [("tracking_number", "LP00123456789012")]),
        ("1Z999AA10123456784", None, [("tracking_number", "1Z999AA10123456784")]),
        ("tracking 123456789012", None, [("tracking_number", "123456789012")]),
        ("order no. 7781203345", None, [("order_id", "7781203345")]),
        ("order #4471-20938", "DE", [("order_id", "4471-20938")]),
        ("订单号：8123456789012345", None, [("order_id", "8123456789012345")]),
        ("طلبي رقم ٨١٢٣٤٥٦٧", "SA", [("order_id", "81234567")]),
        ("８１２３４５６７８９", None, [("order_id", "8123456789")]),
        ("112-1234567-1234567", "US", [("order_id", "112-1234567-1234567")]),
        ("it was $38.50", "US", [("amount", "38.50 USD")]),
        ("pagué $1,299", "MX", [("amount", "1299 MXN")]),
        ("1.234,56 €", None, [("amount", "1234.56 EUR")]),
        ("3,980円", None, [("amount", "3980 JPY")]),
        ("退我1万块", "CN", [("amount", "10000 CNY")]),
        ("250 TL", "TR", [("amount", "250 TRY")]),
        ("120 元", "TW", [("amount", "120 TWD")]),
        ("%50 indirim", "TR", [("percentage", "50%")]),
        ("30 por ciento", None, [("percentage", "30%")]),
        ("20 de noviembre de 2026", None, [("date", "2026-11-20")]),
        ("on 3/4/2026", "US", [("date", "2026-03-04")]),
        ("on 3/4/2026", "GB", [("date", "2026-04-03")]),
        ("12月23號", "HK", [("date", "12-23")]),
        ("31/02/2026", None, []),
        ("mail A.b@example.com", None, [("email", "a.b@example.com")]),
        ("see https://example.com/x?a=1.", None, [("link", "https://example.com/x?a=1")]),
        ("call +1 555 0100 123", None, [("phone", "+15550100123")]),
        ("Tel. 030 12345678", "DE", [("phone", "+493012345678")]),
        ("4111 1111 1111 1111", None, [("card_number", "************1111")]),
        ("4111 1111 1111 1112", None, []),
        ("talla 38", None, [("size", "38")]),
        ("I take XL", None, [("size", "XL")]),
        ("UK 8", None, [("size", "UK 8")]),
        ("150x200 cm", None, [("size", "150X200 CM")]),
        ("3 pcs", None, [("quantity", "3")]),
        ("两件", None, [("quantity", "2")]),
        ("I have waited 3 weeks", None, []),
        ("八个月", None, []),
    ],
)
def test_a_fact_is_found_in_its_plain_form(text, market, expected):
    assert found(text, market) == expected


def test_a_postal_number_says_its_carrier_and_whether_it_checks():
    right, wrong = find_entities("RB123456785CN RB123456789CN")
    assert right.detail == {"carrier": "China Post", "check": "valid"}
    assert wrong.detail == {"carrier": "China Post", "check": "invalid"}


def test_the_standard_s_own_example_checks():
    assert upu_check_digit("47312482") == 9


@pytest.mark.parametrize(("digits", "valid"), [("79927398713", True), ("79927398710", False)])
def test_luhn(digits, valid):
    assert luhn(digits) is valid


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("0123456789０٣ $€.,-/+@#xXcmCNRB订单号 order no元XLé日月%\n"), max_size=80))
def test_spans_lie_inside_in_order_and_do_not_overlap(text):
    entities = find_entities(text, "US")
    ends = [0, *(entity.end for entity in entities)]
    assert all(before <= entity.start < entity.end <= len(text) for before, entity in zip(ends, entities, strict=False))
    assert {entity.type for entity in entities} <= set(ENTITY_TYPES)


@given(st.text(alphabet=st.characters(), max_size=100))
def test_folding_keeps_offsets(text):
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize("piece", ["1", "1 ", "a.a", "$1,000,", "+1-", "order ", "order no ", "a-", "@a."])
def test_hostile_repetition_takes_no_longer_than_a_second(piece):
    import time

    started = time.perf_counter()
    find_entities(piece * (9000 // len(piece)), "US")
    assert time.perf_counter() - started < 1.0
