"""The checks on every text that may reach a buyer, composed, generated or typed by hand. One function a check, listed in `run`."""

from app.drafting.checks.context import CheckContext, outcome
from app.drafting.checks.run import run_checks

__all__ = ["CheckContext", "outcome", "run_checks"]
