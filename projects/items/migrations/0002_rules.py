"""A batch goes draft, open, closed; an item never changes."""

from django.db import migrations

RULES = """
CREATE FUNCTION items_batch_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (('draft', 'open'), ('open', 'closed'), ('draft', 'closed')) THEN
        RAISE EXCEPTION 'a batch does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edge BEFORE UPDATE OF status ON projects_items_batch
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION items_batch_edge();
CREATE TRIGGER append_only BEFORE UPDATE ON projects_items_item
    FOR EACH ROW EXECUTE FUNCTION rlhfhub_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("projects_items", "0001_initial"), ("rlhfhub_tenancy", "0002_rules")]
    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
