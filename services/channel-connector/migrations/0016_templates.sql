CREATE TABLE "channel_connector"."templates" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"provider" text NOT NULL,
	"account_id" text NOT NULL,
	"provider_template_id" text,
	"name" text NOT NULL,
	"language" text NOT NULL,
	"category" text NOT NULL,
	"previous_category" text,
	"next_category" text,
	"status" text NOT NULL,
	"reason" text,
	"quality" text DEFAULT 'unknown' NOT NULL,
	"parameter_format" text NOT NULL,
	"components" jsonb NOT NULL,
	"told_at" timestamp with time zone,
	"synced_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "templates_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "account_id" text;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "templates_asked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "templates_read_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "channel_connector"."channels" ADD COLUMN "templates_error" text;--> statement-breakpoint
CREATE UNIQUE INDEX "templates_name" ON "channel_connector"."templates" USING btree ("tenant_id","provider","account_id","name","language");--> statement-breakpoint
CREATE INDEX "templates_list" ON "channel_connector"."templates" USING btree ("tenant_id","name","language","id");--> statement-breakpoint
CREATE INDEX "channels_account" ON "channel_connector"."channels" USING btree ("provider","account_id");--> statement-breakpoint
CREATE INDEX "channels_templates" ON "channel_connector"."channels" USING btree ("templates_asked_at") WHERE "channel_connector"."channels"."status" = 'connected';