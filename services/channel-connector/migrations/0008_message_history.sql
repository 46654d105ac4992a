CREATE TABLE "channel_connector"."dispatch_attempts" (
	"tenant_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"result" text NOT NULL,
	"provider_message_id" text,
	"error_code" text,
	"error_message" text,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dispatch_attempts_tenant_id_message_id_attempt_pk" PRIMARY KEY("tenant_id","message_id","attempt")
);
--> statement-breakpoint
CREATE INDEX "dispatch_attempts_age" ON "channel_connector"."dispatch_attempts" USING brin ("ended_at");