DROP INDEX `audit_events_by_target`;--> statement-breakpoint
CREATE INDEX `audit_events_by_actor` ON `audit_events` (`actor_id`,`ts`);--> statement-breakpoint
CREATE INDEX `audit_events_by_action` ON `audit_events` (`action`,`ts`);--> statement-breakpoint
CREATE INDEX `audit_events_by_time` ON `audit_events` (`ts`);--> statement-breakpoint
CREATE INDEX `audit_events_by_target` ON `audit_events` (`target_id`,`seq`);--> statement-breakpoint
CREATE INDEX `users_who_administer` ON `users` (`id`) WHERE role = 'admin';--> statement-breakpoint
CREATE INDEX `users_suspended` ON `users` (`id`) WHERE status = 'suspended';