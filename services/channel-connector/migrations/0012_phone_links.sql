ALTER TABLE "channel_connector"."channels" ADD COLUMN "status_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "lost_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "lost_reason" text;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "link_order" text;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "link_due_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "link_begun_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "link_tries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "link_pair_with" text;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "link_code" jsonb;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "link_code_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "profile" jsonb;--> statement-breakpoint
CREATE INDEX "channels_link_due" ON "channel_connector"."channels" USING btree ("link_due_at") WHERE "channel_connector"."channels"."link_due_at" is not null;