"""A marketplace's connector: hands new messages in, carries signed replies out, each once.

The marketplace here is any server with `GET /messages` and `POST /replies`; put yours in its place. Run it every few seconds.
"""

import os
from datetime import UTC, datetime

import httpx2 as httpx

from app.client import Countersign, Refused


def run_once(countersign: Countersign, marketplace: httpx.Client) -> None:
    for message in marketplace.get("/messages").json():
        # the marketplace's own number of a message makes sure that one seen twice is drafted once
        countersign.post_message(message["text"], external_id=message["id"], channel="api", buyer=message["buyer"])
    for draft in countersign.drafts("approved", channel="api"):
        if not draft.may_leave(datetime.now(UTC)):
            continue  # whoever signed it may still take it back
        # the draft's number lets the marketplace refuse a second delivery, should we die between the two lines
        marketplace.post("/replies", json={"id": draft.id, "text": draft.text}).raise_for_status()
        try:
            countersign.confirm_sent(draft)
        except Refused as refused:
            if refused.code != "wrong-state":  # taken back or confirmed meanwhile, by another run
                raise


if __name__ == "__main__":
    with (
        Countersign(os.environ["HOST"], os.environ["SHOP"]) as countersign,
        httpx.Client(base_url=os.environ["MARKETPLACE"]) as marketplace,
    ):
        run_once(countersign, marketplace)
