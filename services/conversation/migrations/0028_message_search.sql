CREATE TABLE "conversation"."search_backfills" (
	"tenant_id" uuid NOT NULL,
	"before_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "search_backfills_tenant_id_pk" PRIMARY KEY("tenant_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."search_segments" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"message_ids" uuid[] NOT NULL,
	"words" "tsvector",
	"oldest_at" timestamp (3) with time zone NOT NULL,
	"newest_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "search_segments_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "search_segments_open" ON "conversation"."search_segments" USING btree ("tenant_id") WHERE "conversation"."search_segments"."words" is null;--> statement-breakpoint
CREATE INDEX "search_segments_words" ON "conversation"."search_segments" USING gin ("words") WITH (fastupdate=false);