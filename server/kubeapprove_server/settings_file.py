"""The settings file: where it is, and one sentence for each way in which it cannot be read."""

import os
from pathlib import Path

import yaml

from kubeapprove.settings import Settings, SettingsError, read_settings
from kubeapprove_server.errors import StartupError

SETTINGS_VARIABLE = "KUBEAPPROVE_SETTINGS"


def load_settings() -> Settings:
    """Read the YAML file that $KUBEAPPROVE_SETTINGS names; raises StartupError."""
    name = os.environ.get(SETTINGS_VARIABLE)
    if not name:
        raise StartupError(f"set {SETTINGS_VARIABLE} to the settings file; docs/settings.md shows one")
    try:
        return read_settings(yaml.safe_load(Path(name).read_text(encoding="utf-8")))
    except SettingsError as error:
        raise StartupError(f"{name}: {error}") from None
    except OSError as error:
        raise StartupError(f"{name} cannot be read ({error.strerror}): correct {SETTINGS_VARIABLE}") from None
    except UnicodeDecodeError:
        raise StartupError(f"{name} is not text in UTF-8: correct it and start again") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark is not None else ""
        raise StartupError(f"{name} is not YAML{place}: correct it and start again") from None
    except (ValueError, RecursionError):  # a date that does not exist; nesting without end
        raise StartupError(f"{name} holds a value that YAML cannot read: correct it and start again") from None
