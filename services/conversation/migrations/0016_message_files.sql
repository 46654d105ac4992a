CREATE TABLE "conversation"."pending_files" (
	"tenant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"provider_message_id" text NOT NULL,
	"file" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pending_files_tenant_id_channel_id_provider_message_id_pk" PRIMARY KEY("tenant_id","channel_id","provider_message_id")
);
--> statement-breakpoint
ALTER TABLE "conversation"."messages" ADD COLUMN "file" jsonb;--> statement-breakpoint
CREATE INDEX "pending_files_age" ON "conversation"."pending_files" USING btree ("created_at");