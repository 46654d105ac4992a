CREATE TABLE "channel_connector"."file_usage" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"bytes" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."files" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"size" bigint NOT NULL,
	"stored_bytes" bigint DEFAULT 0 NOT NULL,
	"sha256" text,
	"width" integer,
	"height" integer,
	"thumbnail_type" text,
	"playback_type" text,
	"state" text NOT NULL,
	"error_code" text,
	"error_message" text,
	"source" text NOT NULL,
	"channel_id" uuid,
	"provider_message_id" text,
	"media" jsonb,
	"related_type" text,
	"related_id" text,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "files_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "files_message" ON "channel_connector"."files" USING btree ("tenant_id","channel_id","provider_message_id") WHERE "channel_connector"."files"."provider_message_id" is not null;--> statement-breakpoint
CREATE INDEX "files_unconfirmed" ON "channel_connector"."files" USING btree ("created_at") WHERE "channel_connector"."files"."state" = 'uploaded';