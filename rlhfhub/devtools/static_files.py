"""Tells whether the collected static files are up to date."""

import hashlib

from rlhfhub.devtools import environment


def fingerprint() -> str:
    """Return a digest that changes when a static file or an installed package changes."""
    root = environment.checkout()
    digest = hashlib.sha256()
    for source in sorted(path for path in root.glob("*/**/static/**/*") if path.is_file()):
        if source.parts[len(root.parts)] in {"rlhfhub", "projects", "billing", "annotators"}:
            digest.update(f"{source}:{source.stat().st_mtime_ns};".encode())
    digest.update((root / "requirements-dev.txt").read_bytes())
    return digest.hexdigest()
