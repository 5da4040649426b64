"""The trained classifiers: versions, figures, training, promotion."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import JsonValue, StringConstraints, TypeAdapter

from app.api.depends import OnceOf, PrincipalOf
from app.api.jobs import job_json
from app.api.requests import example
from app.api.responses import Json
from app.domain import Value
from app.drift import Drift, Shift
from app.learning import Learning
from models.comparison import Comparison

_PLAIN: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
router = APIRouter(prefix="/v1/models", tags=["models"])


class PromoteIn(Value):
    """`override` is the reason for letting a version serve that is worse somewhere."""

    model_config = example(override="The labels were renamed; the gate messages follow next week.")

    override: Annotated[str, StringConstraints(min_length=3, max_length=2000, strip_whitespace=True)] | None = None


def get_learning(request: Request) -> Learning:
    """The learning of this process."""
    learning: Learning = request.app.state.learning
    return learning


LearningOf = Annotated[Learning, Depends(get_learning)]


def comparison_json(found: Comparison) -> Json:
    """By language and over `all`: shares read right by the serving and the new version, and the interval between them."""
    return {"worse": [*found.worse], "languages": _PLAIN.validate_python(found.to_dict())}


@router.get("")
def list_models(learning: LearningOf, principal: PrincipalOf) -> Json:
    """Each kind with the version that serves and the cards of all its versions, oldest first."""
    principal.need_ops()
    items: list[JsonValue] = [
        {"kind": kind, "serving": serving, "versions": [*cards]}
        for kind, (serving, cards) in learning.overview().items()
    ]
    return {"items": items}


@router.get("/drift")
def drift(request: Request, principal: PrincipalOf) -> Json:
    """Whether the last week's messages are read differently than those of the four weeks before, by language."""
    principal.need_ops()
    looking: Drift = request.app.state.drift
    found, confidence = looking.look()
    moved: list[JsonValue] = [shift_json(one) for one in found if one.moved]
    return {"moved": moved, "comparisons": [shift_json(one) for one in found], "confidence": {**confidence}}


def shift_json(one: Shift) -> Json:
    """`now` and `before` count messages by label."""
    return {
        "language": one.language, "of": one.of, "now": {**one.now}, "before": {**one.before},
        "stability_index": one.stability, "chance": one.chance,
    }  # fmt: skip


@router.get("/{kind}/{version}/report")
def report(kind: str, version: str, learning: LearningOf, principal: PrincipalOf) -> Json:
    """A version's card with its held-out figures by label and language, and which labels were taken for which."""
    principal.need_ops()
    return learning.card(kind, version)


@router.get("/{kind}/{version}/compare")
def compare(kind: str, version: str, learning: LearningOf, principal: PrincipalOf) -> Json:
    """Beside the serving version on the gate messages. Every message is read anew: it takes its time."""
    principal.need_ops()
    return comparison_json(learning.compare(kind, version))


@router.post("/{kind}/train", status_code=202)
def train(kind: str, once: OnceOf, learning: LearningOf, principal: PrincipalOf) -> JSONResponse:
    """Plans a training; the answer is its job. What serves stays as it is until a version is promoted."""
    principal.need_ops()
    return once(lambda: (202, job_json(learning.train(kind, principal.person))))


@router.post("/{kind}/{version}/promote")
def promote(
    kind: str, version: str, learning: LearningOf, principal: PrincipalOf, body: PromoteIn | None = None
) -> Json:
    """Lets a version serve where it is not worse; asked twice, it serves all the same."""
    principal.need_ops()
    found = learning.promote(kind, version, principal.person, body.override if body else None)
    return {"kind": kind, "serving": version, "comparison": comparison_json(found)}


@router.post("/{kind}/rollback")
def rollback(kind: str, learning: LearningOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Lets the version before serve again."""
    principal.need_ops()
    return once(lambda: (200, {"kind": kind, "serving": learning.rollback(kind, principal.person)}))
