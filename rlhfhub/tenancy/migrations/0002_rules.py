"""What the database itself refuses: changes of what is append-only, and acting in another's name.

No plane may claim to be another plane, or that somebody else acted, or make somebody staff. An annotator's API key is
made by that annotator, because whoever knows the secret works in their name; a revoked key stays revoked.
"""

from django.db import migrations

# Random bits from random() and not from the operating system: a quarter of the cost, which counts over millions of
# rows. Ids need to be unique (74 random bits), not secret: row-level policies protect rows.
UUID7 = """
CREATE FUNCTION rlhfhub_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL RESTRICTED AS $$
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
        || to_hex(x'7000'::int + (random() * x'0fff'::int)::int)
        || to_hex(x'8000'::int + (random() * x'3fff'::int)::int)
        || lpad(to_hex((random() * x'ffffffffffff'::bigint)::bigint), 12, '0'))::uuid
$$
"""

APPEND_ONLY = """
CREATE FUNCTION rlhfhub_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON rlhfhub_tenancy_auditentry
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""

# The plane of the transaction, also inside functions that run as the keeper; null for the owner.
WHO = """
CREATE FUNCTION rlhfhub_plane() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN starts_with(current_setting('role'), 'rlhfhub_') THEN substr(current_setting('role'), 9) END
$$;
CREATE FUNCTION rlhfhub_person() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT NULLIF(current_setting('rlhfhub.person', true), '')::uuid
$$;
"""

USERS = """
CREATE FUNCTION user_is_made_plain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF rlhfhub_plane() IS NOT NULL THEN
        RAISE EXCEPTION 'only the owner''s login makes somebody staff' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER plain BEFORE INSERT ON rlhfhub_tenancy_user
    FOR EACH ROW WHEN (NEW.is_staff OR NEW.is_superuser) EXECUTE FUNCTION user_is_made_plain();
"""

API_KEYS = """
CREATE FUNCTION apikey_stays_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a revoked key stays revoked' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER stays_revoked BEFORE UPDATE OF revoked_at ON rlhfhub_tenancy_apikey
    FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    EXECUTE FUNCTION apikey_stays_revoked();

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
"""

# AFTER triggers, so that a row-level policy that refuses the row reports first.
AUDIT = """
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

# Who signs in with a device that others used lately makes a pair with each, at most with the twenty last ones: a
# computer of a library is used by many. Staff decide what it means, and say so; they may decide anew.
PAIRS = """
CREATE FUNCTION tenancy_pairs() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO rlhfhub_tenancy_accountpair (id, one_id, other_id, state, found_at, note)
    SELECT rlhfhub_uuid7(), LEAST(u.user_id, NEW.user_id), GREATEST(u.user_id, NEW.user_id), 'open', clock_timestamp(), ''
    FROM rlhfhub_tenancy_deviceuse u
    WHERE u.device_sha256 = NEW.device_sha256 AND u.user_id <> NEW.user_id AND u.last_at >= NEW.last_at - interval '90 days'
    ORDER BY u.last_at DESC LIMIT 20
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
ALTER FUNCTION tenancy_pairs() OWNER TO rlhfhub_keeper;
CREATE TRIGGER pairs AFTER INSERT OR UPDATE OF last_at ON rlhfhub_tenancy_deviceuse
    FOR EACH ROW EXECUTE FUNCTION tenancy_pairs();

CREATE FUNCTION tenancy_pair_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
BEGIN
    IF NEW.state = 'open' OR (OLD.id, OLD.one_id, OLD.other_id, OLD.found_at)
       IS DISTINCT FROM (NEW.id, NEW.one_id, NEW.other_id, NEW.found_at)
       OR here IS NOT NULL AND (here <> 'staff' OR NEW.decided_by_id IS DISTINCT FROM COALESCE(rlhfhub_person(), NEW.decided_by_id)
                                OR NEW.decided_at NOT BETWEEN now() AND clock_timestamp()) THEN
        RAISE EXCEPTION 'staff decide on a pair of accounts, now and in their own name'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'account_pair_by_staff';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided BEFORE UPDATE ON rlhfhub_tenancy_accountpair
    FOR EACH ROW EXECUTE FUNCTION tenancy_pair_decided();
CREATE TRIGGER append_only BEFORE DELETE ON rlhfhub_tenancy_accountpair
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

-- Whether staff linked two accounts as one person's. For triggers that run as the keeper.
CREATE FUNCTION tenancy_linked(a uuid, b uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM rlhfhub_tenancy_accountpair p
                   WHERE p.one_id = LEAST(a, b) AND p.other_id = GREATEST(a, b) AND p.state = 'linked')
$$;
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_tenancy", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [UUID7, APPEND_ONLY, WHO, USERS, API_KEYS, AUDIT, GRANT, PAIRS, REVOKE],
            migrations.RunSQL.noop,
        ),
    ]
