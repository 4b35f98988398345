-- What SQLite's migrations 0001 and 0010 hold there. Statement by statement rather than row by row: an UPSERT or a
-- MERGE that would change rows is then refused even where it meets none.
-- Neon, which is PostgreSQL, and YugabyteDB have all of this. CockroachDB has no triggers of statements, and so none of
-- TRUNCATE; Aurora DSQL has neither triggers nor PL/pgSQL. On those two the schema is not made at all.
-- Sources: https://docs.yugabyte.com/stable/api/ysql/the-sql-language/statements/ddl_create_trigger/,
-- https://github.com/cockroachdb/cockroach/issues/126362,
-- https://docs.aws.amazon.com/aurora-dsql/latest/userguide/working-with-postgresql-compatibility-unsupported-features.html
-- Tables are named with their schema, since a temporary table of the same name would be found before ours.
CREATE FUNCTION public.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'OR001';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON public.audit_events
FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_audit_change();
--> statement-breakpoint
-- Where each chain stands. Serialisable transactions that look for the end of a chain among all entries meet everybody
-- who adds one nearby; here they meet those of the same subject alone. Room is left on each page, so that a row stays there.
CREATE TABLE public.audit_heads (
  subject_id text COLLATE "C" PRIMARY KEY,
  seq bigint NOT NULL,
  hash bytea NOT NULL
) WITH (fillfactor = 70);
--> statement-breakpoint
-- Moves the head along as the owner, which nobody else may. Of two that follow the same entry at once the second waits,
-- and is refused.
CREATE FUNCTION public.require_audit_link() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
  IF NEW.seq = 1 AND NEW.prev = decode(repeat('00', 32), 'hex') THEN
    INSERT INTO public.audit_heads (subject_id, seq, hash) VALUES (NEW.subject_id, 1, NEW.hash);
    RETURN NEW;
  END IF;
  UPDATE public.audit_heads SET seq = NEW.seq, hash = NEW.hash
  WHERE subject_id = NEW.subject_id AND seq = NEW.seq - 1 AND hash = NEW.prev;
  IF FOUND THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'audit_events has no gaps' USING ERRCODE = 'OR002';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_events_linked BEFORE INSERT ON public.audit_events
FOR EACH ROW EXECUTE FUNCTION public.require_audit_link();
