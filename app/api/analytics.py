"""How the work goes, in figures."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter

from app.api.depends import PrincipalOf
from app.api.gaps import From, To
from app.api.responses import Json
from app.insights.analytics import Analytics, Insight
from app.insights.figures import GroupBy
from app.insights.remedies import Given
from app.insights.rising import LEVEL
from app.insights.sheet import write_sheet

router = APIRouter(prefix="/v1", tags=["insights"])
CSV = "text/csv; charset=utf-8"
_JSON: TypeAdapter[Json] = TypeAdapter(Json)


def get_analytics(request: Request) -> Analytics:
    """The figures of this process."""
    analytics: Analytics = request.app.state.analytics
    return analytics


@router.get("/analytics", response_class=JSONResponse, responses={200: {"content": {"text/csv": {}}}})
def look(
    analytics: Annotated[Analytics, Depends(get_analytics)],
    principal: PrincipalOf,
    since: From = None,
    to: To = None,
    group_by: GroupBy = "intent",
    format: Literal["json", "csv"] = "json",
) -> Response:
    """Messages received in that time (the last seven days where nothing is said), in groups, beside the equally long time before."""
    principal.need_ops()
    insight = analytics.look(group_by, since, to)
    if format == "csv":
        named = {"Content-Disposition": f'attachment; filename="analytics-{group_by}.csv"'}
        return Response(write_sheet(insight), media_type=CSV, headers=named)
    return JSONResponse(insight_json(insight))


def insight_json(insight: Insight) -> Json:
    """Figures as the contract names them; times in seconds, shares from 0 to 1."""
    rising = [{**asdict(item.rise), "examples": [asdict(sample) for sample in item.examples]} for item in insight.rising]  # fmt: skip
    whole = {
        "from": insight.since.isoformat(), "to": insight.until.isoformat(), "group_by": insight.group_by, "total": asdict(insight.total), "before": asdict(insight.before),
        "groups": [{"group": name or None, **asdict(found)} for name, found in insight.groups.items()],
        "rising": {"test": "exact conditional test of two Poisson counts, one-sided", "correction": "Benjamini-Hochberg", "level": LEVEL, "items": rising},
        "remedies": [_given_json(name, item) for name, items in insight.remedies.items() for item in items],
        "unanswered": [{"intent": intent, "messages": count} for intent, count in insight.unanswered.items()],
    }  # fmt: skip
    return _JSON.validate_python(whole)


def _given_json(group: str, item: Given) -> dict[str, object]:
    """`cost` by currency, each an exact amount as text."""
    cost = {currency: format(amount, "f") for currency, amount in item.cost.items()}
    return {"group": group or None, "remedy": item.remedy, "times": item.times, "cost": cost, "unpriced": item.unpriced}
