"""Loads the drafter alone, drafts once, prints the memory that the process then holds (MiB): the other side of `app.bench.plain`."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from app.bench.machine import resident_mib
from app.domain import Basis, BuyerMessage
from app.parts import build_drafter
from app.settings import Settings

if __name__ == "__main__":
    drafter = build_drafter(Settings(data_dir=Path(sys.argv[1])), lambda text: None)
    drafter.draft(Basis(message=BuyerMessage(text="Where is my parcel?", received_at=datetime.now(UTC))))
    print(resident_mib())
