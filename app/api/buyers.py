"""What is kept of a buyer, for the buyer: all of it, or none of it any more. For ops."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from app.api.depends import PrincipalOf
from app.api.responses import Json
from app.privacy import Privacy

router = APIRouter(prefix="/v1", tags=["privacy"])
BuyerId = Annotated[str, Path(min_length=1, max_length=200)]
SiteName = Annotated[str, Path(min_length=1, max_length=200)]


def get_privacy(request: Request) -> Privacy:
    """The privacy verbs of this process."""
    privacy: Privacy = request.app.state.privacy
    return privacy


PrivacyOf = Annotated[Privacy, Depends(get_privacy)]


@router.get("/buyers/{site}/{buyer_id:path}/export")
def export_buyer(site: SiteName, buyer_id: BuyerId, privacy: PrivacyOf, principal: PrincipalOf) -> Json:
    """Every message, what was read from it, and every draft, as JSON."""
    principal.need_ops()
    return privacy.export_buyer(site, buyer_id)


@router.delete("/buyers/{site}/{buyer_id:path}")
def erase_buyer(site: SiteName, buyer_id: BuyerId, privacy: PrivacyOf, principal: PrincipalOf) -> Json:
    """Deletes all of it for good. The receipt is the trail's name for it; nothing of the buyer stays there."""
    principal.need_ops()
    erased = privacy.erase_buyer(site, buyer_id, principal.person)
    return {"receipt": erased.receipt, "conversations": erased.conversations, "messages": erased.messages}
