CREATE TRIGGER `audit_events_no_update` BEFORE UPDATE ON `audit_events`
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_events_no_delete` BEFORE DELETE ON `audit_events`
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_events_gapless` BEFORE INSERT ON `audit_events`
WHEN NEW.`seq` <> COALESCE((SELECT MAX(`seq`) FROM `audit_events` WHERE `subject_id` = NEW.`subject_id`), 0) + 1
BEGIN SELECT RAISE(ABORT, 'audit_events has no gaps'); END;
