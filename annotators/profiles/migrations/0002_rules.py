"""Terms cannot be changed; who accepts, accepts now, and the version in force. An adult says so now."""

from django.db import migrations

TERMS = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON annotators_profiles_terms
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON annotators_profiles_acceptance
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();

CREATE FUNCTION profiles_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.terms_id IS DISTINCT FROM (SELECT id FROM annotators_profiles_terms ORDER BY number DESC LIMIT 1) THEN
        RAISE EXCEPTION 'only the version of the terms in force can be accepted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'terms_in_force';
    END IF;
    NEW.accepted_at := clock_timestamp();
    -- A document that was not accepted has no time, which its column refuses.
    NEW.work_at := CASE WHEN NEW.work_at IS NOT NULL THEN NEW.accepted_at END;
    NEW.confidentiality_at := CASE WHEN NEW.confidentiality_at IS NOT NULL THEN NEW.accepted_at END;
    NEW.rights_at := CASE WHEN NEW.rights_at IS NOT NULL THEN NEW.accepted_at END;
    RETURN NEW;
END $$;
CREATE TRIGGER accepted BEFORE INSERT ON annotators_profiles_acceptance
    FOR EACH ROW EXECUTE FUNCTION profiles_accepted();
"""

PROFILES = """
CREATE FUNCTION profiles_adult() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.adult_at IS NOT NULL THEN
        NEW.adult_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER adult_since BEFORE INSERT ON annotators_profiles_profile
    FOR EACH ROW EXECUTE FUNCTION profiles_adult();
CREATE TRIGGER adult_now BEFORE UPDATE OF adult_at ON annotators_profiles_profile
    FOR EACH ROW WHEN (OLD.adult_at IS DISTINCT FROM NEW.adult_at) EXECUTE FUNCTION profiles_adult();
"""


class Migration(migrations.Migration):
    dependencies = [("annotators_profiles", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL([TERMS, PROFILES], migrations.RunSQL.noop)]
