"""A database that another version made is named as such, before anything is changed in it."""

import pytest
from django.db.migrations.recorder import MigrationRecorder

from rlhfhub import checks

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_owner(settings):
    settings.LOGIN = "owner"


def test_a_database_of_this_version_passes(as_owner):
    assert checks.database_is_of_this_version(databases=["default"]) == []


def test_a_migration_that_this_version_lacks_is_named(as_owner):
    MigrationRecorder.Migration.objects.create(app="rlhfhub_tenancy", name="0003_of_another")
    (error,) = checks.database_is_of_this_version(databases=["default"])
    assert "rlhfhub_tenancy.0003_of_another" in error.msg
    assert "RESET=1" in error.hint


def test_the_sites_own_login_may_be_of_an_older_version(settings):
    """While a new version is deployed the old one keeps serving."""
    settings.LOGIN = "site"
    MigrationRecorder.Migration.objects.create(app="rlhfhub_tenancy", name="0003_of_another")
    assert checks.database_is_of_this_version(databases=["default"]) == []
