"""The installer hands pip's mirrors on to uv, and the locks name no host."""

import re
from pathlib import Path

import pytest

from rlhfhub.devtools import install

CHECKOUT = Path(__file__).resolve().parents[2]


def test_environment_wins_over_install_section_over_global() -> None:
    listing = (
        ":env:.index-url='https://c.example/simple'\n"
        "global.index-url='https://a.example/simple'\n"
        "install.index-url='https://b.example/simple'\n"
        "global.timeout='30'\n"
    )
    assert install.parse_pip_settings(listing) == {
        "index-url": "https://c.example/simple",
        "timeout": "30",
    }


@pytest.mark.parametrize(
    "line", ["", "global", "global.x", "freeze.user='1'", "global.x='unclosed"]
)
def test_lines_that_are_no_settings_are_passed_over(line: str) -> None:
    assert install.parse_pip_settings(line) == {}


def test_mirrors_are_handed_on() -> None:
    pip = {
        "index-url": "https://a.example/simple",
        "extra-index-url": "https://b.example/simple\nfile:///c/simple",
        "find-links": "/d\n/e",
        "trusted-host": "a.example b.example",
        "cert": "/f.pem",
    }
    handed = install.uv_environment(pip, {})
    assert handed["UV_DEFAULT_INDEX"] == "https://a.example/simple"
    assert handed["UV_INDEX"] == "https://b.example/simple file:///c/simple"
    assert handed["UV_FIND_LINKS"] == "/d,/e"
    assert handed["UV_INSECURE_HOST"] == "a.example b.example"
    assert handed["SSL_CERT_FILE"] == "/f.pem"


def test_no_mirror_sets_no_index_and_the_callers_own_setting_wins() -> None:
    assert "UV_DEFAULT_INDEX" not in install.uv_environment({}, {})
    kept = install.uv_environment(
        {"index-url": "https://a.example"}, {"UV_DEFAULT_INDEX": "https://mine.example"}
    )
    assert kept["UV_DEFAULT_INDEX"] == "https://mine.example"


def test_a_stamp_is_good_for_its_lock_only(tmp_path: Path) -> None:
    lock, stamp = tmp_path / "lock", tmp_path / "stamp"
    lock.write_text("a==1\n")
    assert not install.stamp_is(stamp, lock)
    install.write_stamp(stamp, lock)
    assert install.stamp_is(stamp, lock)
    lock.write_text("a==2\n")
    assert not install.stamp_is(stamp, lock)


def test_missing_packages_are_named_to_an_ordinary_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)  # type: ignore[attr-defined]
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}")  # type: ignore[attr-defined]
    with pytest.raises(install.InstallError, match=r"apt-get update && sudo .* python3-pip"):
        install.offer_packages("pip is missing", "python3-pip")


def test_a_download_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(install.time, "sleep", lambda seconds: None)  # type: ignore[attr-defined]
    tries = tmp_path / "tries"
    script = f"echo x >> {tries}; test $(wc -l < {tries}) = 3"
    install.retry("fetching", ["sh", "-c", script], {"PATH": "/usr/bin:/bin"})
    with pytest.raises(install.InstallError, match="failed 4 times"):
        install.retry("fetching", ["false"], {"PATH": "/usr/bin:/bin"})


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt", "uv.txt"])
def test_locks_have_hashes_and_no_host(lock: str) -> None:
    text = (CHECKOUT / lock).read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_development_runs_the_versions_of_production() -> None:
    def pins(lock: str) -> set[str]:
        return set(
            re.findall(
                r"^([^\s\[]+)(?:\[.*\])?(==\S+)", (CHECKOUT / lock).read_text(), re.MULTILINE
            )
        )

    assert pins("requirements.txt") <= pins("requirements-dev.txt")
