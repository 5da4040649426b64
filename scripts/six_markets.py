"""Writes the drafts of the README: the same order and question in six markets. Run: python -m scripts.six_markets"""

import re
from pathlib import Path

from app.domain import Basis, BuyerMessage, Steer
from app.drafting.drafter import Drafter
from app.parts import build_drafter
from app.settings import Settings

README = Path(__file__).parent.parent / "README.md"
BETWEEN = re.compile(r"(<!-- six markets -->\n).*?(<!-- end -->)", re.DOTALL)
MARKETS = {
    "DE": ("Anna Keller", "Wo ist mein Paket? Ich mache mir langsam Sorgen."),
    "US": ("Emily Carter", "Where is my package? I'm getting a little worried."),
    "BR": ("Rafaela Nunes", "Cadê o meu pedido? Estou ficando preocupada."),
    "JP": ("佐藤 美咲", "荷物はどこでしょうか。少し心配です。"),
    "SA": ("نورة العتيبي", "وين طلبي؟ بديت أقلق شوي"),
    "FR": ("Claire Moreau", "Où est mon colis ? Je commence à m'inquiéter."),
}
ORDER = {
    "id": "8123456789012345", "status": "shipped", "placed_at": "2026-11-05T10:00:00+08:00", "paid_at": "2026-11-05T10:02:00+08:00", "shipped_at": "2026-11-08T09:00:00+08:00",
    "eta_from": "2026-11-24", "eta_to": "2026-11-28", "carrier": "Cainiao", "tracking_number": "LP00123456789012", "tracking_url": "https://track.example.com/LP00123456789012",
}  # fmt: skip


def draft(drafter: Drafter, market: str) -> str:
    """One market's letter."""
    name, text = MARKETS[market]
    message = {
        "text": text,
        "received_at": "2026-11-22T09:30:00+08:00",
        "buyer": {"name": name, "country": market},
        "order": ORDER,
    }
    return drafter.draft(
        Basis(message=BuyerMessage.model_validate(message), steer=Steer(intents=("order_tracking",)))
    ).draft.text


def section(drafter: Drafter) -> str:
    """The six letters as Markdown."""
    letters = [
        f"**{market}** – “{MARKETS[market][1]}”\n\n> " + draft(drafter, market).replace("\n", "\n> ")
        for market in MARKETS
    ]
    return "\n\n".join(letters) + "\n\n"


if __name__ == "__main__":
    made = section(build_drafter(Settings(), print))
    README.write_text(
        BETWEEN.sub(lambda match: match[1] + made + match[2], README.read_text(encoding="utf-8")), encoding="utf-8"
    )
