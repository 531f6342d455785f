"""Triggers: a recipient has the rail of their profile's country, accounts and addresses change along their edges."""

from django.db import migrations

# What an account is made with stays the same until Stripe has answered: its idempotency key is of one body.
RECIPIENTS = """
CREATE FUNCTION recipients_recipient_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    home text;
BEGIN
    IF TG_OP = 'INSERT' OR NEW.state = 'asked' AND OLD.state <> 'asked' THEN
        IF TG_OP = 'UPDATE' AND OLD.account <> '' THEN
            RAISE EXCEPTION 'this person has an account at Stripe'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'recipient_edge';
        END IF;
        SELECT country INTO home FROM annotators_profiles_profile WHERE user_id = NEW.person_id AND country <> '';
        IF home IS NULL THEN
            RAISE EXCEPTION 'the profile names no country'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'recipient_country';
        END IF;
        NEW.country := home;
        NEW.rail := COALESCE((SELECT rail FROM annotators_profiles_payoutcountry WHERE code = home), 'by_hand');
        NEW.state := CASE NEW.rail WHEN 'by_hand' THEN 'made' ELSE 'asked' END;
        NEW.can_be_paid := NEW.rail = 'by_hand' AND EXISTS (
            SELECT FROM billing_recipients_bankdetails WHERE person_id = NEW.person_id);
        NEW.attempt := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE OLD.attempt + 1 END;
        NEW.tries := 0;
        NEW.sent_at := NULL;
        NEW.next_at := clock_timestamp();
        NEW.error_code := '';
        NEW.error_words := '';
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.person_id, NEW.name, NEW.email, NEW.rail, NEW.country)
           <> (OLD.id, OLD.person_id, OLD.name, OLD.email, OLD.rail, OLD.country)
       OR OLD.account <> '' AND NEW.account <> OLD.account OR NEW.attempt < OLD.attempt
       OR NEW.state <> OLD.state AND (OLD.state <> 'asked' OR rlhfhub_plane() = 'annotator') THEN
        RAISE EXCEPTION 'a recipient does not change so'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recipient_edge';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER changed BEFORE INSERT OR UPDATE ON billing_recipients_recipient
    FOR EACH ROW EXECUTE FUNCTION recipients_recipient_changed();
"""

LINKS = """
CREATE FUNCTION recipients_link_edge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here text := rlhfhub_plane();
BEGIN
    IF (OLD.state, NEW.state) = ('ready', 'used') AND here IS DISTINCT FROM 'system'
       OR (OLD.state, NEW.state) IN (('asked', 'ready'), ('asked', 'ended'), ('ready', 'ended'))
          AND here IS DISTINCT FROM 'annotator' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'an address does not become % after %', NEW.state, OLD.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'link_edge';
END $$;
CREATE TRIGGER edge AFTER UPDATE ON billing_recipients_link
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION recipients_link_edge();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing_recipients_bankdetails
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing_recipients", "0001_initial"),
        ("annotators_profiles", "0002_rules"),
        ("rlhfhub_tenancy", "0002_rules"),
    ]
    operations = [migrations.RunSQL([RECIPIENTS, LINKS], migrations.RunSQL.noop)]
