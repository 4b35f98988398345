CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`hash` blob NOT NULL,
	`last_four` text NOT NULL,
	`scopes` text NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash_unique` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `api_keys_by_user` ON `api_keys` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `audit_events` (
	`subject_id` text NOT NULL,
	`seq` integer NOT NULL,
	`ts` integer NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text NOT NULL,
	`action` text NOT NULL,
	`target_kind` text NOT NULL,
	`target_id` text NOT NULL,
	`detail` text NOT NULL,
	`request_id` text NOT NULL,
	`prev` blob NOT NULL,
	`hash` blob NOT NULL,
	PRIMARY KEY(`subject_id`, `seq`)
);
--> statement-breakpoint
CREATE INDEX `audit_events_by_target` ON `audit_events` (`subject_id`,`target_id`,`seq`);--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`key_hash` blob NOT NULL,
	`fingerprint` blob NOT NULL,
	`state` text NOT NULL,
	`status` integer,
	`content_type` text,
	`body_key_version` integer,
	`body_iv` blob,
	`body_tag` blob,
	`body_ciphertext` blob,
	`instance_id` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `idempotency_keys_by_user` ON `idempotency_keys` (`user_id`,`key_hash`);--> statement-breakpoint
CREATE INDEX `idempotency_keys_by_age` ON `idempotency_keys` (`created_at`);--> statement-breakpoint
CREATE TABLE `instances` (
	`id` text PRIMARY KEY NOT NULL,
	`host` text NOT NULL,
	`pid` integer NOT NULL,
	`started_at` integer NOT NULL,
	`heartbeat_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `key_versions` (
	`version` integer PRIMARY KEY NOT NULL,
	`canary_key_version` integer NOT NULL,
	`canary_iv` blob NOT NULL,
	`canary_tag` blob NOT NULL,
	`canary_ciphertext` blob NOT NULL,
	`root_key_version` integer NOT NULL,
	`root_iv` blob NOT NULL,
	`root_tag` blob NOT NULL,
	`root_ciphertext` blob NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `mail_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`purpose` text NOT NULL,
	`hash` blob NOT NULL,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mail_tokens_hash_unique` ON `mail_tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `mail_tokens_by_user` ON `mail_tokens` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `provider_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`provider` text NOT NULL,
	`label` text NOT NULL,
	`last_four` text NOT NULL,
	`fingerprint` text NOT NULL,
	`secret_key_version` integer NOT NULL,
	`secret_iv` blob NOT NULL,
	`secret_tag` blob NOT NULL,
	`secret_ciphertext` blob NOT NULL,
	`verified_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `provider_keys_by_user` ON `provider_keys` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `run_terms` (
	`user_id` text NOT NULL,
	`term` blob NOT NULL,
	`run_id` text NOT NULL,
	PRIMARY KEY(`user_id`, `term`, `run_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`run_id`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `run_terms_by_run` ON `run_terms` (`run_id`);--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`comparison_id` text,
	`provider_key_id` text NOT NULL,
	`api_key_id` text,
	`endpoint` text NOT NULL,
	`provider` text NOT NULL,
	`model` text NOT NULL,
	`state` text NOT NULL,
	`prompt_key_version` integer NOT NULL,
	`prompt_iv` blob NOT NULL,
	`prompt_tag` blob NOT NULL,
	`prompt_ciphertext` blob NOT NULL,
	`output_key_version` integer,
	`output_iv` blob,
	`output_tag` blob,
	`output_ciphertext` blob,
	`input_tokens` integer,
	`output_tokens` integer,
	`usage_estimated` integer DEFAULT false NOT NULL,
	`cost_micro_usd` integer,
	`finish_reason` text,
	`error_code` text,
	`instance_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`first_byte_at` integer,
	`finished_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `runs_by_user` ON `runs` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `runs_by_comparison` ON `runs` (`user_id`,`comparison_id`);--> statement-breakpoint
CREATE INDEX `runs_by_state` ON `runs` (`state`,`instance_id`);--> statement-breakpoint
CREATE TABLE `second_factors` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`secret_key_version` integer NOT NULL,
	`secret_iv` blob NOT NULL,
	`secret_tag` blob NOT NULL,
	`secret_ciphertext` blob NOT NULL,
	`confirmed_at` integer,
	`last_step` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `second_factors_by_user` ON `second_factors` (`user_id`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`device_key_version` integer NOT NULL,
	`device_iv` blob NOT NULL,
	`device_tag` blob NOT NULL,
	`device_ciphertext` blob NOT NULL,
	`authenticated_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_by_user` ON `sessions` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email_index` blob NOT NULL,
	`email_key_version` integer NOT NULL,
	`email_iv` blob NOT NULL,
	`email_tag` blob NOT NULL,
	`email_ciphertext` blob NOT NULL,
	`password_hash` text NOT NULL,
	`role` text DEFAULT 'user' NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`epoch` integer DEFAULT 0 NOT NULL,
	`email_verified_at` integer,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_emailIndex_unique` ON `users` (`email_index`);