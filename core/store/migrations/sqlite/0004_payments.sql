CREATE TABLE `billing_accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`customer_id` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `billing_accounts_userId_unique` ON `billing_accounts` (`user_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `billing_accounts_customerId_unique` ON `billing_accounts` (`customer_id`);--> statement-breakpoint
CREATE TABLE `forgotten_customers` (
	`customer_id` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`forgotten_at` integer
);
--> statement-breakpoint
CREATE TABLE `parked_events` (
	`id` text PRIMARY KEY NOT NULL,
	`stripe_id` text NOT NULL,
	`type` text NOT NULL,
	`reason` text NOT NULL,
	`customer_id` text,
	`payload_key_version` integer NOT NULL,
	`payload_iv` blob NOT NULL,
	`payload_tag` blob NOT NULL,
	`payload_ciphertext` blob NOT NULL,
	`occurred_at` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `parked_events_stripeId_unique` ON `parked_events` (`stripe_id`);--> statement-breakpoint
CREATE TABLE `payment_events` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`stripe_id` text NOT NULL,
	`type` text NOT NULL,
	`outcome` text NOT NULL,
	`payload_key_version` integer NOT NULL,
	`payload_iv` blob NOT NULL,
	`payload_tag` blob NOT NULL,
	`payload_ciphertext` blob NOT NULL,
	`occurred_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `payment_events_stripeId_unique` ON `payment_events` (`stripe_id`);--> statement-breakpoint
CREATE INDEX `payment_events_by_user` ON `payment_events` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `run_allowances` (
	`user_id` text NOT NULL,
	`month` text NOT NULL,
	`runs` integer NOT NULL,
	PRIMARY KEY(`user_id`, `month`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `run_reservations` (
	`run_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`month` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `run_reservations_by_user` ON `run_reservations` (`user_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `subscriptions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`stripe_id` text NOT NULL,
	`status` text NOT NULL,
	`price_ids` text NOT NULL,
	`period_ends_at` integer,
	`ends_at` integer,
	`position` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `subscriptions_stripeId_unique` ON `subscriptions` (`stripe_id`);--> statement-breakpoint
CREATE INDEX `subscriptions_by_user` ON `subscriptions` (`user_id`,`id`);