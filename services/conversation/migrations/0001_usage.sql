CREATE TABLE "conversation"."message_keys" (
	"tenant_id" uuid NOT NULL,
	"key" text NOT NULL,
	"message_id" uuid NOT NULL,
	"request" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "message_keys_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
CREATE TABLE "conversation"."tenants" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"plan" text NOT NULL,
	"timezone" text NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "conversation"."usage_months" (
	"tenant_id" uuid NOT NULL,
	"month" date NOT NULL,
	"messages" bigint NOT NULL,
	CONSTRAINT "usage_months_tenant_id_month_pk" PRIMARY KEY("tenant_id","month")
);
--> statement-breakpoint
CREATE INDEX "message_keys_age" ON "conversation"."message_keys" USING brin ("created_at");