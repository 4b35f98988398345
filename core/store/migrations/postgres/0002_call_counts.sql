CREATE TABLE "call_counts" (
	"limit_name" text COLLATE "C" NOT NULL,
	"caller" "bytea" NOT NULL,
	"calls" bigint NOT NULL,
	"ends_at" bigint NOT NULL,
	CONSTRAINT "call_counts_limit_name_caller_pk" PRIMARY KEY("limit_name","caller")
);
--> statement-breakpoint
CREATE INDEX "call_counts_by_end" ON "call_counts" USING btree ("ends_at");--> statement-breakpoint
-- Counts last for minutes, and a crash may forget them: none waits for a flush, and no backup holds them.
ALTER TABLE "call_counts" SET UNLOGGED;
