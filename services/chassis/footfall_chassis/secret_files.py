"""Secrets from files, such as mounted ones: for every secret setting NAME there is NAME_FILE."""

import os
from pathlib import Path
from typing import Any

from footfall_schemas.connection import secret_in
from footfall_schemas.errors import PermanentError
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

SUFFIX = "_FILE"


class SecretFileError(PermanentError, ValueError):
    """A file of a secret cannot be read; the message names the variable."""


class SecretFiles(PydanticBaseSettingsSource):
    """Source of the secrets whose NAME_FILE names a file; an empty variable names none."""

    def __call__(self) -> dict[str, Any]:
        """Return every secret there is a file of, under each name its field goes by."""
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, _, _ = self.get_field_value(field, name)
            if value is not None:
                found |= dict.fromkeys([name, *_aliases(field)], value)
        return found

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return what the file of one field holds; None when it has none."""
        if field.annotation is SecretStr:
            for variable in _aliases(field) or [f"{self.config.get('env_prefix', '')}{field_name}".upper()]:
                if path := os.environ.get(variable + SUFFIX):
                    return _read(variable + SUFFIX, Path(path)), field_name, False
        return None, field_name, False


def _aliases(field: FieldInfo) -> list[str]:
    match field.validation_alias:
        case AliasChoices(choices=choices):
            return [str(choice) for choice in choices]
        case str(alias):
            return [alias]
        case _:
            return []


def _read(variable: str, path: Path) -> str:
    try:
        return secret_in(path)
    except ValueError as error:
        raise SecretFileError(f"{variable}: {error}") from None
