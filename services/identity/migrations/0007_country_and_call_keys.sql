CREATE TABLE "identity"."call_keys" (
	"tenant_id" uuid NOT NULL,
	"key" text NOT NULL,
	"request" text NOT NULL,
	"answer" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "call_keys_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
ALTER TABLE "identity"."tenants" ADD COLUMN "country" text;--> statement-breakpoint
CREATE INDEX "call_keys_age" ON "identity"."call_keys" USING brin ("created_at");