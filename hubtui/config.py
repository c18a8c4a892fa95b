"""The settings: `$XDG_CONFIG_HOME/hubtui/config.toml`, each also as `HUBTUI_SECTION__NAME`, which wins.

Durations are seconds or `30s`, `10m`, `2h`, `1d`; sizes are bytes or `32KiB`, `64MiB`, `8GiB`.
"""

from __future__ import annotations

import os
import re
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from hubtui.configfile import config_file
from hubtui.errors import UsageError

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}  # as in Compose, K and KB mean KiB as well
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?")


def seconds(value: Any) -> Any:
    """A duration in words as a number; what is no text is left for pydantic to judge."""
    if not isinstance(value, str) or re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
        return value
    text = value.strip().lower()
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text):
        raise ValueError("must be a duration such as 30s, 10m or 1h30m")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def size(value: Any) -> Any:
    """A size in words as a number of bytes; what is no text is left for pydantic to judge."""
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value.strip().lower())
    if match is None:
        raise ValueError("must be a size such as 32KiB, 64MiB or 8GiB")
    return int(float(match[1]) * _BYTES[match[2]])


Seconds = Annotated[float, BeforeValidator(seconds), Field(gt=0, allow_inf_nan=False)]
Bytes = Annotated[int, BeforeValidator(size), Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    """A table of the file. Unknown names are mistakes, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, validate_default=True)


class Jobs(Section):
    """How jobs are run and kept."""

    concurrency: Count = 2
    """Jobs building or starting at once on this host."""
    max_attempts: Count = 3
    """How often a job is tried that fails for a reason that may pass."""
    retry_delay: Seconds = 60.0
    """Before it is tried again."""
    soft_limit: Seconds = 3600.0
    """A job that takes longer is flagged."""
    hard_limit: Seconds = 7200.0
    """A job that takes longer is ended."""
    still_building_after: Seconds = 600.0
    """When the screen says that a build is still going on."""
    stuck_after: Seconds = 300.0
    """Without any sign of progress for so long, a job is called stuck."""
    keep_days: Count = 30
    """How long finished jobs are kept."""
    keep: Count = 1000
    """How many finished jobs are kept."""


class Health(Section):
    """Health checks where neither compose file nor image says; while a service starts it is probed more often."""

    interval: Seconds = 30.0
    """Between two probes."""
    timeout: Seconds = 5.0
    """A probe without an answer for so long has failed."""
    retries: Count = 3
    """Failures in a row that make a service unhealthy."""
    start_period: Annotated[float, BeforeValidator(seconds), Field(ge=0, allow_inf_nan=False)] = 45.0
    """After its start a service may fail probes for so long."""


class Logs(Section):
    """How much of what each service prints is kept."""

    file_size: Annotated[Bytes, Field(ge=4096)] = 64 * 1024**2
    """Of one log file, before the next is begun."""
    files: Count = 8
    """Log files a service; the oldest goes first."""
    line_size: Annotated[Bytes, Field(ge=256)] = 32 * 1024
    """Of one line; what is longer is cut, and the cut is said."""


class Ports(Section):
    """Where published ports listen."""

    address: str = "127.0.0.1"
    """Where a port names no address and hubtui itself listens (Docker decides for its own)."""

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        try:
            return str(ip_address(value))
        except ValueError:
            raise ValueError("must be an IP address such as 127.0.0.1 or 0.0.0.0") from None


class Dagger(Section):
    """The Dagger engine."""

    cli: Path | None = None
    """The dagger program to use; unset: the one on PATH."""
    runner_host: str | None = None
    """The engine to use, for example container://my-engine or tcp://host:1234; unset: one of hubtui's own."""


class Environment(Section):
    """What an engine may use in one environment."""

    cpus: Annotated[float, Field(gt=0)]
    """Cores."""
    memory: Bytes
    """Bytes."""


_ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "development": {"cpus": 4, "memory": "8GiB"},
    "ci": {"cpus": 2, "memory": "4GiB"},
    "staging": {"cpus": 4, "memory": "8GiB"},
    "production": {"cpus": 8, "memory": "16GiB"},
}


class Ui(Section):
    """The dashboard."""

    theme: str = "textual-dark"
    """A Textual theme."""
    bell: bool = False
    """Ring the terminal's bell when a job ends."""
    clock: bool = False
    """Show a clock; one with seconds sends bytes all day."""


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix="HUBTUI_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    jobs: Jobs = Jobs()
    health: Health = Health()
    logs: Logs = Logs()
    ports: Ports = Ports()
    dagger: Dagger = Dagger()
    environments: dict[str, Environment] = Field(default_factory=dict)
    ui: Ui = Ui()

    @field_validator("environments", mode="before")
    @classmethod
    def _over_defaults(cls, value: Any) -> Any:
        """What is set for an environment lies over its default; another environment stays as it is."""
        if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
            return value
        return _ENVIRONMENTS | {name: _ENVIRONMENTS.get(name, {}) | limits for name, limits in value.items()}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings  # what the file says comes in as `init`


def load(file: Path | None = None) -> Settings:
    """The settings as they are now. Raises UsageError with file and line (or variable) for what cannot be used."""
    path = file or config_file()
    text = _read(path)
    try:
        return Settings(**tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r" \(at line (\d+).*?\)", str(error))
        where = f"{path}:{line[1]}" if line else f"{path}"
        what = str(error).replace(line[0], "") if line else str(error)
        raise UsageError(f"{where}: this is not TOML: {what}.", "Correct the line: name = value.") from None
    except ValidationError as error:
        raise _explain(error, path, text) from None
    except SettingsError as error:  # a whole section as one variable, which is not JSON
        raise UsageError(f"A HUBTUI_ variable cannot be read: {error}.", "Say HUBTUI_SECTION__NAME=value.") from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The settings file {path} cannot be read: {error}.", "Correct or remove it.") from None


def _explain(error: ValidationError, path: Path, text: str) -> UsageError:
    """The first mistake as a sentence that says where it is and what is allowed."""
    first = error.errors(include_url=False)[0]
    keys = [str(key) for key in first["loc"]]
    name, variable = ".".join(keys), _variable(keys)
    line = _line_of(text, keys)
    where = variable or (f"{path}:{line}" if line else f"{path}")
    if first["type"] == "extra_forbidden":
        section = Settings.model_fields.get(keys[0]) if len(keys) > 1 else None
        model = section.annotation if section else Settings
        if keys[0] == "environments":
            model = Environment
        known = ", ".join(getattr(model, "model_fields", {}))
        return UsageError(f"{where}: there is no setting {name}.", f"Here are: {known}")
    told = first["msg"].removeprefix("Value error, ")
    value = repr(first["input"])
    shown = f" (it is {value})" if len(value) <= 60 and first["type"] != "missing" else ""
    what = "the variable" if variable else "the line"
    return UsageError(f"{where}: {name} {_must(told)}{shown}.", f"Correct {what}, or remove it for the default.")


def _must(told: str) -> str:
    """pydantic's words as the end of a sentence that begins with the setting's name."""
    if told == "Field required":
        return "is missing"
    if "valid dictionary" in told:
        return "must be a table with settings below it"
    return told.replace("Input should", "must", 1)


def _variable(keys: list[str]) -> str:
    """The environment variable that set this, "" where none did: a variable wins over the file."""
    set_here = {name.upper(): name for name in os.environ}
    names = ("HUBTUI_" + "__".join(keys[:n]).upper() for n in range(len(keys), 0, -1))
    return next((set_here[name] for name in names if name in set_here), "")


def _line_of(text: str, keys: list[str]) -> int | None:
    """The line that sets this, or the nearest table around it."""
    best: tuple[int, int | None] = (0, None)
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?([^\]]+)\]", line):
            table = path = _parts(header[1])
        elif key := re.match(r"\s*([\w\-.\"' ]+?)\s*=", line):
            path = table + _parts(key[1])
        else:
            continue
        if path == keys[: len(path)] and len(path) > best[0]:
            best = (len(path), number)
    return best[1]


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
