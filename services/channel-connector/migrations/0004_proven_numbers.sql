ALTER TABLE "channel_connector"."channels" ADD COLUMN "claimed_provider_id" text;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "claimed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "verify_token_digest" text;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "inbound_limited_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "channels_verify_token" ON "channel_connector"."channels" USING btree ("verify_token_digest");