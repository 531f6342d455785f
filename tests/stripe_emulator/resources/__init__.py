"""The resources of Stripe that the emulator has: one file for each family."""

import importlib
import pkgutil


def load() -> None:
    """Import every family, by which it registers its operations and jobs."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
