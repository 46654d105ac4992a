CREATE TABLE "channel_connector"."channel_days" (
	"tenant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"day" date NOT NULL,
	"messages" integer NOT NULL,
	CONSTRAINT "channel_days_tenant_id_channel_id_day_pk" PRIMARY KEY("tenant_id","channel_id","day")
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."tenants" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"plan" text NOT NULL,
	"timezone" text NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL
);
