import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import language as module
from models.language import LanguageDetector

DETECTOR = LanguageDetector()
SENTENCES = {
    "en": "Where is my parcel, it should have been here last week",
    "es": "¿Dónde está mi pedido? Llevo esperando tres semanas",
    "pt": "Cadê meu pedido? Não chegou nada até agora",
    "fr": "Bonjour, je n'ai toujours pas reçu mon colis",
    "de": "Wann kommt mein Paket endlich an?",
    "it": "Buongiorno, quando arriva il mio pacco?",
    "nl": "Waar blijft mijn pakket? Ik wacht al twee weken",
    "pl": "Dzień dobry, kiedy dotrze moja paczka?",
    "ru": "Здравствуйте, где моя посылка?",
    "tr": "Merhaba, kargom nerede kaldı acaba?",
    "ar": "مرحبا، أين طلبي؟ لم يصل بعد",
    "ja": "注文した商品がまだ届きません",
    "ko": "주문한 상품이 아직 안 왔어요",
    "zh": "我的包裹什么时候到",
    "sv": "Hej, när kommer mitt paket? Jag har väntat i tre veckor",
    "id": "Halo kak, kapan barang saya dikirim? Sudah lama belum sampai",
    "th": "สินค้าจะมาถึงเมื่อไหร่",
    "he": "איפה החבילה שלי",
    "uk": "Доброго дня, коли прийде моє замовлення? Її досі немає",
    "el": "Πού είναι το δέμα μου;",
}


@pytest.mark.parametrize(("code", "text"), SENTENCES.items())
def test_a_plain_sentence_is_recognised(code, text):
    reading = DETECTOR.detect(text)
    assert (reading.code, reading.confidence > 0.8) == (code, True)


@pytest.mark.parametrize(
    "text", ["", "12345 67", "😀😀", "??", "ok", "https://example.com/a", "A5590-882", "iPhone 15 Pro Max"]
)
def test_junk_is_undetermined(text):
    assert DETECTOR.detect(text).code == "und"


def test_junk_offers_the_priors_as_alternatives():
    assert DETECTOR.detect("??", {"es": 3, "en": 1}).alternatives == (("es", 0.75), ("en", 0.25))


@pytest.mark.parametrize(
    ("text", "script"),
    [("我的订单还没发货", "Hans"), ("請問訂單什麼時候發貨", "Hant"), ("你好", "Hani"), ("где", "Cyrl"), ("hola", "Latn"), ("届いた", "Jpan")],
)  # fmt: skip
def test_the_script_is_named(text, script):
    assert DETECTOR.detect(text).script == script


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("請問個袋仲有冇貨呀", "HK"),
        ("請問可以超商取貨嗎", "TW"),
        ("vc pode me mandar o código? cadê meu pedido", "BR"),
        ("o meu telemóvel ainda não chegou", "PT"),
        ("podés decime cuándo llega", "AR"),
        ("¿cuándo llega?", None),
    ],
)
def test_a_region_is_named_only_where_the_text_shows_it(text, region):
    assert DETECTOR.detect(text).region == region


@pytest.mark.parametrize(("priors", "code"), [({"ja": 1}, "ja"), ({"zh": 1}, "zh"), (None, "zh")])
def test_priors_decide_an_ambiguous_text(priors, code):
    assert DETECTOR.detect("未着", priors).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("wen wasal 6albi? raqmo 10442983", "ar"),
        ("3indkom video 7ag el sa3a?", "ar"),
        ("usb3 cable 2xl and mp3 player for my iphone7 please", "en"),
    ],
)
def test_arabic_in_latin_letters_is_arabic(text, code):
    assert (DETECTOR.detect(text).code, DETECTOR.detect(text).script) == (code, "Latn")


def test_priors_do_not_outweigh_a_plain_sentence():
    assert DETECTOR.detect(SENTENCES["de"], {"en": 1}).code == "de"


def test_brands_links_and_numbers_do_not_mislead():
    assert DETECTOR.detect("iPhone 15 Pro Max case https://example.com/where-is-it 支持无线充电吗").code == "zh"


def test_without_eldc_the_second_voter_answers_alone(monkeypatch):
    monkeypatch.setattr(module, "eldc_voter", lambda: None)
    assert LanguageDetector().detect(SENTENCES["fr"]).code == "fr"


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_gets_a_reading_and_always_the_same(text):
    first = DETECTOR.detect(text, {"en": 1})
    assert first == DETECTOR.detect(text, {"en": 1})
    assert 0 <= first.confidence <= 1
