DROP INDEX "conversation"."conversations_recent";--> statement-breakpoint
DROP INDEX "conversation"."conversations_channel";--> statement-breakpoint
DROP INDEX "conversation"."conversations_assigned";--> statement-breakpoint
DROP INDEX "conversation"."conversations_campaign";--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "active_at" timestamp (3) with time zone GENERATED ALWAYS AS (date_bin('10 seconds', last_message_at, timestamptz '2000-01-01 00:00:00+00')) STORED;--> statement-breakpoint
CREATE INDEX "conversations_recent" ON "conversation"."conversations" USING btree ("tenant_id","active_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "conversations_channel" ON "conversation"."conversations" USING btree ("tenant_id","channel_id","active_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "conversations_assigned" ON "conversation"."conversations" USING btree ("tenant_id","assigned_user_id","active_at" DESC NULLS LAST) WHERE "conversation"."conversations"."assigned_user_id" is not null;--> statement-breakpoint
CREATE INDEX "conversations_campaign" ON "conversation"."conversations" USING btree ("tenant_id","campaign_id","active_at" DESC NULLS LAST) WHERE "conversation"."conversations"."campaign_id" is not null;