ALTER TABLE "channel_connector"."dispatches" ADD COLUMN "content" jsonb;--> statement-breakpoint
ALTER TABLE "channel_connector"."dispatches" ADD COLUMN "about" jsonb;--> statement-breakpoint
ALTER TABLE "channel_connector"."dispatches" ADD COLUMN "rank" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "dispatches_ranked" ON "channel_connector"."dispatches" USING btree ("channel_id","rank","requested_at","message_id") WHERE "channel_connector"."dispatches"."state" = 'queued';