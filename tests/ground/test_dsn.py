"""Database addresses."""

import pytest

from rlhfhub.ground.dsn import database


def test_a_socket_directory_in_the_query() -> None:
    found = database("postgresql://rlhfhub_app@/rlhfhub?host=/var/run/pg")
    assert (found["USER"], found["NAME"], found["HOST"], found["PORT"]) == (
        "rlhfhub_app",
        "rlhfhub",
        "/var/run/pg",
        "",
    )


def test_password_and_options() -> None:
    found = database("postgresql://u:p%40ss@db:6543/name?sslmode=require")
    assert (found["PASSWORD"], found["HOST"], found["PORT"]) == ("p@ss", "db", "6543")
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_another_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="not a PostgreSQL"):
        database("sqlite:///x.db")
