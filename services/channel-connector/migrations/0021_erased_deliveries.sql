ALTER TABLE "channel_connector"."webhook_deliveries" ADD COLUMN "contact_id" uuid;--> statement-breakpoint
ALTER TABLE "channel_connector"."webhook_deliveries" ADD COLUMN "conversation_id" uuid;--> statement-breakpoint
ALTER TABLE "channel_connector"."webhook_deliveries" ADD COLUMN "erased_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_contact" ON "channel_connector"."webhook_deliveries" USING btree ("tenant_id","contact_id") WHERE "channel_connector"."webhook_deliveries"."contact_id" is not null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_chat" ON "channel_connector"."webhook_deliveries" USING btree ("tenant_id","conversation_id") WHERE "channel_connector"."webhook_deliveries"."conversation_id" is not null;