CREATE TABLE `call_counts` (
	`limit_name` text NOT NULL,
	`caller` blob NOT NULL,
	`calls` integer NOT NULL,
	`ends_at` integer NOT NULL,
	PRIMARY KEY(`limit_name`, `caller`)
);
--> statement-breakpoint
CREATE INDEX `call_counts_by_end` ON `call_counts` (`ends_at`);