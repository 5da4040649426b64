"""The same with the client: a message in, the draft read and signed."""

import os

from app.client import Countersign

with (
    Countersign(os.environ["HOST"], os.environ["SHOP"]) as shop,
    Countersign(os.environ["HOST"], os.environ["MIA"]) as mia,
):
    draft = shop.post_message("Wo bleibt mein Paket?", buyer={"country": "DE"}, agent_language="en")
    print(draft.gloss.text)
    print(mia.approve(draft).status)
