ALTER TABLE `runs` ADD `excerpt_key_version` integer;--> statement-breakpoint
ALTER TABLE `runs` ADD `excerpt_iv` blob;--> statement-breakpoint
ALTER TABLE `runs` ADD `excerpt_tag` blob;--> statement-breakpoint
ALTER TABLE `runs` ADD `excerpt_ciphertext` blob;