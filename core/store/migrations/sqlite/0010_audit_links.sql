-- Holds each entry to the one before it: by number, as before, and by its hash.
DROP TRIGGER `audit_events_gapless`;
--> statement-breakpoint
CREATE TRIGGER `audit_events_linked` BEFORE INSERT ON `audit_events`
WHEN NEW.`seq` <> 1 AND NOT EXISTS (
  SELECT 1 FROM `audit_events`
  WHERE `subject_id` = NEW.`subject_id` AND `seq` = NEW.`seq` - 1 AND `hash` = NEW.`prev`
)
BEGIN SELECT RAISE(ABORT, 'audit_events has no gaps'); END;
--> statement-breakpoint
CREATE TRIGGER `audit_events_begun` BEFORE INSERT ON `audit_events`
WHEN NEW.`seq` = 1 AND NEW.`prev` <> zeroblob(32)
BEGIN SELECT RAISE(ABORT, 'audit_events has no gaps'); END;
