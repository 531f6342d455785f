"""What no plane may say: that it is another plane, that somebody else acted, that somebody is staff.

Nor does it make a key to a desk that is not its own: whoever knows the secret works in that annotator's name.

`rlhfhub_plane()` is the plane of the transaction, also inside functions that run as the keeper; null for the owner.
The audit trail's rule comes after the row, so that a policy that refuses it speaks first.
"""

from django.db import migrations

import rlhfhub.tenancy.fields

RULES = """
CREATE FUNCTION rlhfhub_plane() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN starts_with(current_setting('role'), 'rlhfhub_') THEN substr(current_setting('role'), 9) END
$$;
CREATE FUNCTION rlhfhub_person() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT NULLIF(current_setting('rlhfhub.person', true), '')::uuid
$$;

CREATE FUNCTION user_is_made_plain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF rlhfhub_plane() IS NOT NULL THEN
        RAISE EXCEPTION 'only the owner''s login makes somebody staff' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plain BEFORE INSERT ON rlhfhub_tenancy_user
    FOR EACH ROW WHEN (NEW.is_staff OR NEW.is_superuser) EXECUTE FUNCTION user_is_made_plain();

CREATE FUNCTION apikey_of_own_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF rlhfhub_plane() <> 'annotator' THEN
        RAISE EXCEPTION 'an annotator''s key is made at their desk'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'apikey_of_own_desk';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER own_desk AFTER INSERT ON rlhfhub_tenancy_apikey
    FOR EACH ROW WHEN (NEW.annotator_id IS NOT NULL) EXECUTE FUNCTION apikey_of_own_desk();

CREATE FUNCTION audit_dated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER dated BEFORE INSERT ON rlhfhub_tenancy_auditentry FOR EACH ROW EXECUTE FUNCTION audit_dated();

-- A request writes in the name of who made it. A job, which nobody makes, may name the member it works for.
CREATE FUNCTION audit_own_name() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
    actor uuid := rlhfhub_person();
    for_member boolean := false;
BEGIN
    IF here IS NULL OR (NEW.plane = here AND (NEW.actor_id IS NULL OR NEW.actor_id = actor)) THEN
        RETURN NULL;
    END IF;
    IF NEW.plane = here AND here = 'workspace' AND actor IS NULL THEN
        for_member := EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m
                              WHERE m.workspace_id = NEW.workspace_id AND m.user_id = NEW.actor_id);
    END IF;
    IF NOT for_member THEN
        RAISE EXCEPTION 'the audit trail names its own plane and person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_own_name';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER own_name AFTER INSERT ON rlhfhub_tenancy_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_own_name();
"""
RULES_BACK = """
DROP FUNCTION audit_own_name() CASCADE;
DROP FUNCTION audit_dated() CASCADE;
DROP FUNCTION apikey_of_own_desk() CASCADE;
DROP FUNCTION user_is_made_plain() CASCADE;
DROP FUNCTION rlhfhub_person();
DROP FUNCTION rlhfhub_plane();
"""


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_tenancy", "0005_database_stamps")]
    operations = [
        migrations.AlterField(
            model_name="user",
            name="password",
            field=rlhfhub.tenancy.fields.DoorField(max_length=128, verbose_name="password"),
        ),
        migrations.RunSQL(RULES, RULES_BACK),
    ]
