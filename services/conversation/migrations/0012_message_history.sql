CREATE TABLE "conversation"."message_retries" (
	"tenant_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"retry_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "message_retries_tenant_id_message_id_pk" PRIMARY KEY("tenant_id","message_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."message_statuses" (
	"tenant_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"status" text NOT NULL,
	"source" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"error_code" text,
	"error_message" text,
	"details" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "message_statuses_tenant_id_message_id_id_pk" PRIMARY KEY("tenant_id","message_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "message_retries_retry" ON "conversation"."message_retries" USING btree ("tenant_id","retry_id");--> statement-breakpoint
CREATE INDEX "message_statuses_age" ON "conversation"."message_statuses" USING brin ("created_at");