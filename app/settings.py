"""All that differs between machines, read once from the environment (prefix `COUNTERSIGN_`)."""

import base64
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict


class ChatwootSite(BaseModel):
    """A site's Chatwoot: where it is, the access token of a bot or an agent there, and the secret of its webhook."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@]+(/.*)?$")]
    token: SecretStr
    secret: Annotated[SecretStr, Field(min_length=8)]
    agent_language: str = "en"


class Settings(BaseSettings):
    """Unsafe values are refused at start, with the name of the variable."""

    model_config = SettingsConfigDict(env_prefix="COUNTERSIGN_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    data_dir: Path = Path("data")
    database_url: str = ""  # empty: SQLite in the data folder
    bootstrap_key: SecretStr | None = None
    bootstrap_password: SecretStr | None = None
    encoder: str = "embedded"
    site: str = "default"
    undo_seconds: int = Field(default=5, ge=0, le=300)
    claim_minutes: int = Field(default=10, ge=1, le=240)
    session_hours: int = Field(default=12, ge=1, le=720)
    secure_cookies: bool = False  # set behind TLS
    max_body_bytes: int = Field(default=524_288, ge=1024)
    max_import_bytes: int = Field(default=16_777_216, ge=1024)
    max_text_chars: int = Field(default=20_000, ge=100)
    conversation_rest_hours: int = Field(default=72, ge=1)
    rate_key_per_minute: int = Field(default=1200, ge=1)
    rate_visitor_per_minute: int = Field(default=60, ge=1)
    rate_address_per_minute: int = Field(default=300, ge=1)
    keep_conversations_days: int = Field(default=730, ge=1)
    keep_audit_days: int = Field(default=1825, ge=1)
    keep_jobs_days: int = Field(default=30, ge=1)
    max_photo_bytes: int = Field(default=10_485_760, ge=1024)
    sample_data: bool = True
    call_private_addresses: bool = False  # webhooks inside the house, over plain http too
    demo: bool | None = None  # None: where there is sample data
    hook_secrets: dict[str, SecretStr] = {}  # of those who may push messages, by source
    chatwoot: dict[str, ChatwootSite] = {}  # by site
    job_lease_seconds: int = Field(default=30, ge=1, le=600)
    transformers_model: str = ""  # a folder or a hub name; empty: not set up
    openai_url: HttpUrl | None = None
    openai_model: str = ""
    openai_key: SecretStr | None = None
    generator_timeout_seconds: float = Field(default=60.0, gt=0, le=600)
    generator_retries: int = Field(default=2, ge=0, le=10)
    generator_price_sent: Decimal = Field(default=Decimal(0), ge=0)  # of a thousand tokens
    generator_price_written: Decimal = Field(default=Decimal(0), ge=0)
    generator_currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    generator_quotes_message: bool = False
    generator: Literal["composer", "transformers", "openai"] = "composer"  # after what it needs

    @field_validator("bootstrap_key", "bootstrap_password")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 8:
            raise ValueError("needs at least eight characters")
        return value

    @field_validator("generator")
    @classmethod
    def _is_set_up(cls, value: str, info: ValidationInfo) -> str:
        needed = {"transformers": ("transformers_model",), "openai": ("openai_url", "openai_model")}.get(value, ())
        for name in needed:
            if not info.data.get(name):
                raise ValueError(f"{value} needs COUNTERSIGN_{name.upper()}")
        return value

    @property
    def shows_demo(self) -> bool:
        """Whether the demo shop is there."""
        return self.sample_data if self.demo is None else self.demo

    @field_validator("hook_secrets")
    @classmethod
    def _can_sign(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for source, secret in value.items():
            coded = secret.get_secret_value().removeprefix("whsec_")
            if len(base64.b64decode(coded, validate=True)) < 24:
                raise ValueError(f"the secret of {source!r} needs at least 24 bytes in base64, after whsec_")
        return value

    @property
    def database(self) -> str:
        """The SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.database_file.absolute()}"

    @property
    def database_file(self) -> Path:
        """Where SQLite keeps it, where no URL names another."""
        return self.data_dir / "countersign.db"

    @property
    def order_file(self) -> Path:
        """Where the shop's system may lay its orders."""
        return self.data_dir / "orders.jsonl"

    @property
    def index_dir(self) -> Path:
        """Where the FAISS index and its manifest lie."""
        return self.data_dir / "index"

    @property
    def trained_dir(self) -> Path:
        """Where retrained weights lie, beside the shipped ones."""
        return self.data_dir / "models"
