CREATE TABLE "channel_connector"."read_receipts" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"provider_message_id" text NOT NULL,
	"recipient" jsonb NOT NULL,
	"sent_time" timestamp with time zone NOT NULL,
	"read_at" timestamp with time zone NOT NULL,
	"state" text DEFAULT 'due' NOT NULL,
	"error_code" text,
	"error_message" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "read_receipts_tenant_id_conversation_id_pk" PRIMARY KEY("tenant_id","conversation_id")
);
--> statement-breakpoint
CREATE INDEX "read_receipts_age" ON "channel_connector"."read_receipts" USING brin ("updated_at");