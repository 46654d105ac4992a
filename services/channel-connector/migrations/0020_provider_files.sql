CREATE TABLE "channel_connector"."provider_files" (
	"tenant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"form" text NOT NULL,
	"provider_file_id" text,
	"expires_at" timestamp with time zone,
	"failure" jsonb,
	"ordered_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "provider_files_tenant_id_file_id_channel_id_form_pk" PRIMARY KEY("tenant_id","file_id","channel_id","form")
);
--> statement-breakpoint
CREATE INDEX "provider_files_expired" ON "channel_connector"."provider_files" USING btree ("expires_at");