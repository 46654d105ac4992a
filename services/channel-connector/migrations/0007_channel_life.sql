ALTER TABLE "channel_connector"."channels" ADD COLUMN "response_ms" integer;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "check_error" text;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "webhook_url" text;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "removed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "removed_phone" text;--> statement-breakpoint
CREATE INDEX "channels_working" ON "channel_connector"."channels" USING btree ("checked_at") WHERE "channel_connector"."channels"."status" = 'connected';