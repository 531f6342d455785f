"""Triggers: who may enroll, which state changes an enrollment may make (W15), no pay from one's own workspace (M10), and
who may clear an annotator for which work, and who meets what a project asks for.

SECURITY DEFINER functions name `pg_temp` last in their search path. If it were not named, PostgreSQL would search it
first and find temporary tables that the caller made.
"""

from django.db import migrations

ACCESS = """
CREATE FUNCTION enrollment_by_access() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    -- Serialize with enrollment_before_membership(): else each misses the other's uncommitted row.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.workspace_id::text || NEW.annotator_id::text, 7));
    IF (SELECT access = 'members' FROM projects_plan_project WHERE id = NEW.project_id) IS DISTINCT FROM
       EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership
               WHERE workspace_id = NEW.workspace_id AND user_id = NEW.annotator_id) THEN
        RAISE EXCEPTION 'members may enroll in unpaid projects of their workspace only, and others in market projects only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enrollment_access';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION enrollment_by_access() OWNER TO rlhfhub_keeper;
CREATE TRIGGER access BEFORE INSERT ON projects_enrollment_enrollment
    FOR EACH ROW EXECUTE FUNCTION enrollment_by_access();
-- Who left a project of the market may have become a member of its workspace since.
CREATE TRIGGER access_again BEFORE UPDATE OF state ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (OLD.state = 'ended') EXECUTE FUNCTION enrollment_by_access();

CREATE FUNCTION enrollment_before_membership() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.workspace_id::text || NEW.user_id::text, 7));
    IF EXISTS (SELECT 1 FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
               WHERE e.workspace_id = NEW.workspace_id AND e.annotator_id = NEW.user_id
                 AND e.state <> 'ended' AND p.access = 'market') THEN
        RAISE EXCEPTION 'a person enrolled in a market project of the workspace cannot become its member'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_unpaid';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION enrollment_before_membership() OWNER TO rlhfhub_keeper;
CREATE TRIGGER unpaid BEFORE INSERT ON rlhfhub_tenancy_membership
    FOR EACH ROW EXECUTE FUNCTION enrollment_before_membership();
"""

# Annotators may become active by accepting the guidelines, unless the project asks for calibration. A pause and an end
# begin and are over only by a row of EnrollmentChange, which names the person who decided: no rule pauses or ends anybody.
EDGES = """
CREATE FUNCTION enrollment_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an enrollment cannot begin as %', NEW.state USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER begins AFTER INSERT ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (NEW.state NOT IN ('applied', 'onboarding')) EXECUTE FUNCTION enrollment_begins();

CREATE FUNCTION enrollment_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT ('ended' IN (OLD.state, NEW.state) OR (OLD.state, NEW.state) IN (
            ('applied', 'onboarding'), ('onboarding', 'calibrating'), ('onboarding', 'active'),
            ('calibrating', 'active'), ('active', 'calibrating'), ('active', 'paused'), ('paused', 'active'),
            ('calibrating', 'paused'), ('paused', 'calibrating'))) THEN
        RAISE EXCEPTION 'an enrollment cannot change from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF current_user = 'rlhfhub_annotator' AND (
            (OLD.state, NEW.state) NOT IN (('onboarding', 'active'), ('calibrating', 'active'))
            OR EXISTS (SELECT 1 FROM projects_plan_project WHERE id = NEW.project_id AND calibration = 'required')) THEN
        RAISE EXCEPTION 'an annotator may only become active where no calibration is asked for' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE OF state ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION enrollment_edge();

CREATE FUNCTION enrollment_active() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM projects_enrollment_guidelineacceptance WHERE enrollment_id = NEW.id) THEN
        RAISE EXCEPTION 'an enrollment is active only after its annotator has accepted guidelines' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER accepted AFTER UPDATE OF state ON projects_enrollment_enrollment
    FOR EACH ROW WHEN (NEW.state = 'active') EXECUTE FUNCTION enrollment_active();
"""

# An enrollment has the state again that it had before its pause when it is resumed, and that before its end when a
# member takes back the end that a member decided. Who left may come back through the guidelines, unless they left while
# paused.
CHANGES = """
CREATE FUNCTION enrollment_change_by(change projects_enrollment_enrollmentchange) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    here text := rlhfhub_plane();
    person uuid := rlhfhub_person();
BEGIN
    IF change.reason = 'left' THEN
        RETURN COALESCE(here = 'annotator', true);
    ELSIF change.reason = 'rejoined' THEN
        RETURN COALESCE(here = 'annotator', true) AND (
            SELECT c.reason = 'left' AND c.from_state <> 'paused' FROM projects_enrollment_enrollmentchange c
            WHERE c.enrollment_id = change.enrollment_id AND c.id <> change.id ORDER BY c.at DESC, c.id DESC LIMIT 1);
    END IF;
    RETURN COALESCE(here = 'workspace', true) AND (person IS NULL OR person = change.by_id)
        AND (change.to_state <> 'paused' OR change.reason = 'restored' OR change.from_state IN ('active', 'calibrating'))
        AND (change.reason <> 'resumed' OR change.to_state = (
            SELECT c.from_state FROM projects_enrollment_enrollmentchange c
            WHERE c.enrollment_id = change.enrollment_id AND c.to_state = 'paused' AND c.reason <> 'restored'
            ORDER BY c.at DESC, c.id DESC LIMIT 1))
        AND (change.reason <> 'restored' OR (
            SELECT c.to_state = 'ended' AND c.reason <> 'left' AND c.from_state = change.to_state
            FROM projects_enrollment_enrollmentchange c
            WHERE c.enrollment_id = change.enrollment_id AND c.id <> change.id ORDER BY c.at DESC, c.id DESC LIMIT 1))
        AND EXISTS (SELECT 1 FROM rlhfhub_tenancy_membership m WHERE m.workspace_id = change.workspace_id
                    AND m.user_id = change.by_id AND m.role IN ('owner', 'manager'));
END $$;

-- The changes of an enrollment follow one another: each locks the enrollment, and begins from the state that it has then.
CREATE FUNCTION enrollment_change_begins() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT state INTO NEW.from_state FROM projects_enrollment_enrollment WHERE id = NEW.enrollment_id FOR NO KEY UPDATE;
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
ALTER FUNCTION enrollment_change_begins() OWNER TO rlhfhub_keeper;
CREATE TRIGGER begins BEFORE INSERT ON projects_enrollment_enrollmentchange
    FOR EACH ROW EXECUTE FUNCTION enrollment_change_begins();

CREATE FUNCTION enrollment_change_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT enrollment_change_by(NEW) THEN
        RAISE EXCEPTION 'an enrollment is changed by its annotator, or by a member who may edit'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'enrollment_by_person';
    END IF;
    UPDATE projects_enrollment_enrollment SET state = NEW.to_state WHERE id = NEW.enrollment_id;
    RETURN NULL;
END $$;
ALTER FUNCTION enrollment_change_made() OWNER TO rlhfhub_keeper;
CREATE TRIGGER changed AFTER INSERT ON projects_enrollment_enrollmentchange
    FOR EACH ROW EXECUTE FUNCTION enrollment_change_made();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON projects_enrollment_enrollmentchange
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION enrollment_by_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (SELECT (c.from_state, c.to_state) = (OLD.state, NEW.state) AND c.at >= now()
        FROM projects_enrollment_enrollmentchange c WHERE c.enrollment_id = NEW.id
        ORDER BY c.at DESC, c.id DESC LIMIT 1) IS NOT TRUE THEN
        RAISE EXCEPTION 'only a person pauses or ends an enrollment, or gives it back'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'enrollment_by_person';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION enrollment_by_person() OWNER TO rlhfhub_keeper;
CREATE TRIGGER by_person AFTER UPDATE OF state ON projects_enrollment_enrollment FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND (OLD.state IN ('paused', 'ended') OR NEW.state IN ('paused', 'ended')))
    EXECUTE FUNCTION enrollment_by_person();

CREATE FUNCTION enrollment_replied() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.read_at IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM projects_enrollment_enrollmentchange c
        WHERE c.id = NEW.change_id AND c.annotator_id = NEW.annotator_id AND c.to_state IN ('paused', 'ended')
          AND c.reason <> 'left' AND NOT EXISTS (
            SELECT 1 FROM projects_enrollment_enrollmentchange later
            WHERE later.enrollment_id = c.enrollment_id AND (later.at, later.id) > (c.at, c.id))) THEN
        RAISE EXCEPTION 'an annotator replies to the pause or the end of their own enrollment that a member decided last'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enrollment_reply_of_change';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION enrollment_replied() OWNER TO rlhfhub_keeper;
CREATE TRIGGER replied AFTER INSERT ON projects_enrollment_enrollmentreply
    FOR EACH ROW EXECUTE FUNCTION enrollment_replied();
CREATE TRIGGER append_only BEFORE DELETE ON projects_enrollment_enrollmentreply
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION enrollment_reply_read() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.read_at IS NOT NULL OR (OLD.change_id, OLD.annotator_id, OLD.text, OLD.at)
       IS DISTINCT FROM (NEW.change_id, NEW.annotator_id, NEW.text, NEW.at) THEN
        RAISE EXCEPTION 'a reply is read once, and never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER read BEFORE UPDATE ON projects_enrollment_enrollmentreply
    FOR EACH ROW EXECUTE FUNCTION enrollment_reply_read();
"""

# What an annotator inserts: main clearance where the project asks for no calibration, or the clearance of a minor version
# that is the same as their last one since the last major version. All other clearances are written by the keeper's
# functions.
CLEARANCES = """
CREATE FUNCTION enrollment_cleared() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    version record;
    last record;
BEGIN
    SELECT v.number, v.change, v.project_id, p.calibration INTO version
    FROM projects_plan_guidelineversion v JOIN projects_plan_project p ON p.id = v.project_id
    WHERE v.id = NEW.guideline_version_id;
    IF NEW.phase = 'main' AND version.calibration = 'none' THEN
        RETURN NULL;
    END IF;
    SELECT c.batch_id INTO last
    FROM projects_enrollment_clearance c JOIN projects_plan_guidelineversion v ON v.id = c.guideline_version_id
    WHERE c.enrollment_id = NEW.enrollment_id AND c.phase = NEW.phase AND v.number < version.number AND v.number >= (
        SELECT max(m.number) FROM projects_plan_guidelineversion m WHERE m.project_id = version.project_id
          AND m.change = 'major' AND m.published_at IS NOT NULL AND m.number <= version.number)
    ORDER BY v.number DESC LIMIT 1;
    IF NOT FOUND OR version.change <> 'minor' OR last.batch_id IS DISTINCT FROM NEW.batch_id THEN
        RAISE EXCEPTION 'an annotator cannot clear themself where the project asks for calibration'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clearance_given';
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION enrollment_cleared() OWNER TO rlhfhub_keeper;
CREATE TRIGGER given AFTER INSERT ON projects_enrollment_clearance
    FOR EACH ROW WHEN (current_user = 'rlhfhub_annotator') EXECUTE FUNCTION enrollment_cleared();
"""

# Who accepts guidelines attests to write their texts themselves, where the project forbids machine-written text and asks
# for any text at all. Whoever accepted them before the project forbade it attests later, once; until then
# enrollment_owes_attestation() is true, and no lease is made.
ATTESTATIONS = """
CREATE FUNCTION enrollment_attested() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.attested_at IS NULL AND EXISTS (
            SELECT 1 FROM projects_plan_guidelineversion v JOIN projects_plan_project p ON p.id = v.project_id
            JOIN projects_plan_form f ON f.id = p.form_id
            WHERE v.id = NEW.guideline_version_id AND p.machine_text = 'forbidden' AND f.asks_text)
       OR rlhfhub_plane() IS NOT NULL AND NEW.attested_at NOT BETWEEN now() AND clock_timestamp()
       OR TG_OP = 'UPDATE' AND (OLD.attested_at IS NOT NULL OR NEW.attested_at IS NULL) THEN
        RAISE EXCEPTION 'who accepts these guidelines attests now that they write their texts themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'acceptance_attested';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER attested AFTER INSERT OR UPDATE OF attested_at ON projects_enrollment_guidelineacceptance
    FOR EACH ROW EXECUTE FUNCTION enrollment_attested();

CREATE FUNCTION enrollment_owes_attestation(who uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(bool_or(NOT COALESCE((
        SELECT g.attested_at IS NOT NULL FROM projects_enrollment_guidelineacceptance g
        WHERE g.enrollment_id = e.id ORDER BY g.accepted_at DESC, g.id DESC LIMIT 1), false)), false)
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
    JOIN projects_plan_form f ON f.id = p.form_id
    WHERE e.id = who AND p.machine_text = 'forbidden' AND f.asks_text
$$;
"""

# Whoever writes an eligibility must meet what the project asks for. The lock of the person makes a change of their
# profile wait for it, and then delete it; without the lock each would miss the other's uncommitted row. The trigger runs
# before the row is written, so that both take the lock first and the row second.
ELIGIBILITIES = """
-- A language without a region is met by that of any region, and one of a region only by just this one.
CREATE FUNCTION enrollment_speaks(own varchar[], wanted varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT EXISTS (SELECT 1 FROM unnest(own) code WHERE code = wanted OR starts_with(code, wanted || '-'))
$$;

CREATE FUNCTION enrollment_eligible() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asked record;
    person record;
    newest smallint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.annotator_id::text, 53));
    SELECT p.access, p.requirement_id, r.languages, r.languages_need, r.domains, r.domains_need, r.content,
           e.agreed_content INTO asked
    FROM projects_enrollment_enrollment e JOIN projects_plan_project p ON p.id = e.project_id
    LEFT JOIN projects_plan_requirement r ON r.id = p.requirement_id
    WHERE e.id = NEW.enrollment_id;
    SELECT adult_at, country, COALESCE(languages, '{}') AS languages, COALESCE(domains, '{}') AS domains,
           COALESCE(avoids, '{}') AS avoids INTO person
    FROM (SELECT NEW.annotator_id AS id) who LEFT JOIN annotators_profiles_profile p ON p.user_id = who.id;
    SELECT max(number) INTO newest FROM annotators_profiles_terms;
    IF NEW.expires_at > clock_timestamp() + interval '25 hours'
       OR NEW.requirement_id IS DISTINCT FROM asked.requirement_id
       OR asked.access = 'market' AND (
           person.adult_at IS NULL
           OR NOT EXISTS (SELECT 1 FROM annotators_profiles_payoutcountry WHERE code = person.country)
           OR NEW.terms_number IS DISTINCT FROM newest
           OR NOT EXISTS (SELECT 1 FROM annotators_profiles_acceptance a JOIN annotators_profiles_terms t
                          ON t.id = a.terms_id
                          WHERE a.id = NEW.acceptance_id AND a.user_id = NEW.annotator_id AND t.number = newest))
       OR asked.requirement_id IS NOT NULL AND (
           (SELECT CASE asked.languages_need WHEN 'all' THEN bool_and(met) ELSE bool_or(met) END
            FROM unnest(asked.languages) wanted, enrollment_speaks(person.languages, wanted) met) IS FALSE
           OR cardinality(asked.domains) > 0 AND NOT CASE asked.domains_need
               WHEN 'all' THEN asked.domains <@ person.domains ELSE asked.domains && person.domains END
           OR EXISTS (SELECT unnest(asked.content) INTERSECT SELECT unnest(person.avoids)
                      EXCEPT SELECT unnest(asked.agreed_content)))
    THEN
        RAISE EXCEPTION 'the annotator does not meet what the project asks for, or it would hold for too long'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'eligibility_met';
    END IF;
    RETURN NEW;
END $$;
ALTER FUNCTION enrollment_eligible() OWNER TO rlhfhub_keeper;
CREATE TRIGGER met BEFORE INSERT OR UPDATE ON projects_enrollment_eligibility
    FOR EACH ROW EXECUTE FUNCTION enrollment_eligible();

CREATE FUNCTION enrollment_profile_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.user_id::text, 53));
    DELETE FROM projects_enrollment_eligibility WHERE annotator_id = NEW.user_id;
    RETURN NULL;
END $$;
ALTER FUNCTION enrollment_profile_changed() OWNER TO rlhfhub_keeper;
CREATE TRIGGER unsettles AFTER INSERT OR UPDATE ON annotators_profiles_profile
    FOR EACH ROW EXECUTE FUNCTION enrollment_profile_changed();
"""

# An item with a known right answer is gold: who has seen it among the examples would recognize it.
EXAMPLES = """
CREATE FUNCTION enrollment_example_shown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
            SELECT 1 FROM projects_items_item i JOIN projects_items_batch b ON b.id = i.batch_id
            JOIN projects_plan_project p ON p.id = i.project_id
            WHERE i.id = NEW.item_id AND i.project_id = NEW.project_id AND NOT b.is_pool AND p.purpose = 'work'
              AND NOT EXISTS (SELECT 1 FROM projects_items_item twin JOIN projects_items_key k ON k.item_id = twin.id
                              WHERE twin.project_id = i.project_id AND twin.content_key = i.content_key)) THEN
        RAISE EXCEPTION 'an example is an item of its project, of no pool, without a known right answer, and shows nobody''s answer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'example_open';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER open AFTER INSERT ON projects_enrollment_example
    FOR EACH ROW EXECUTE FUNCTION enrollment_example_shown();

CREATE FUNCTION enrollment_example_keyed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM projects_enrollment_example e USING projects_items_item shown, projects_items_item keyed
    WHERE keyed.id = NEW.item_id AND shown.id = e.item_id AND e.project_id = keyed.project_id
      AND shown.content_key = keyed.content_key;
    RETURN NULL;
END $$;
ALTER FUNCTION enrollment_example_keyed() OWNER TO rlhfhub_keeper;
CREATE TRIGGER no_example AFTER INSERT ON projects_items_key
    FOR EACH ROW EXECUTE FUNCTION enrollment_example_keyed();
"""

GRANT = "GRANT CREATE ON SCHEMA public TO rlhfhub_keeper"
REVOKE = "REVOKE CREATE ON SCHEMA public FROM rlhfhub_keeper"


class Migration(migrations.Migration):
    dependencies = [
        ("projects_enrollment", "0001_initial"),
        ("annotators_profiles", "0002_rules"),
        ("rlhfhub_tenancy", "0002_rules"),
    ]
    operations = [
        migrations.RunSQL(
            [GRANT, ACCESS, CLEARANCES, CHANGES, ELIGIBILITIES, EXAMPLES, REVOKE, EDGES, ATTESTATIONS],
            migrations.RunSQL.noop,
        )
    ]
