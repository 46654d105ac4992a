CREATE TABLE "ai_responder"."tenants" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"plan" text NOT NULL,
	"timezone" text NOT NULL,
	"country" text,
	"changed_at" timestamp (3) with time zone NOT NULL
);
