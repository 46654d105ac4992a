CREATE TABLE "channel_connector"."jobs" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"key" text,
	"state" text NOT NULL,
	"priority" smallint DEFAULT 0 NOT NULL,
	"data" jsonb NOT NULL,
	"progress" jsonb,
	"run_at" timestamp (3) with time zone NOT NULL,
	"claim" integer DEFAULT 0 NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"lost" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"traceparent" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "jobs_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."webhook_deliveries" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"event_type" text NOT NULL,
	"payload" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"attempts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"next_try_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."webhook_endpoints" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"event_types" text[] DEFAULT '{}' NOT NULL,
	"channel_ids" uuid[] DEFAULT '{}' NOT NULL,
	"channel_id" uuid,
	"enabled" boolean DEFAULT true NOT NULL,
	"enabled_at" timestamp with time zone DEFAULT now() NOT NULL,
	"disabled_reason" text,
	"disabled_at" timestamp with time zone,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_secret_until" timestamp with time zone,
	"failing_since" timestamp with time zone,
	"last_success_at" timestamp with time zone,
	"paused_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_endpoints_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_key" ON "channel_connector"."jobs" USING btree ("tenant_id","name","key") WHERE "channel_connector"."jobs"."key" is not null;--> statement-breakpoint
CREATE INDEX "jobs_queued" ON "channel_connector"."jobs" USING btree ("name","tenant_id","priority" DESC NULLS FIRST,"run_at") WHERE "channel_connector"."jobs"."state" = 'queued';--> statement-breakpoint
CREATE INDEX "jobs_due" ON "channel_connector"."jobs" USING btree ("name","run_at") WHERE "channel_connector"."jobs"."state" in ('scheduled', 'running');--> statement-breakpoint
CREATE INDEX "jobs_dead" ON "channel_connector"."jobs" USING btree ("name","ended_at") WHERE "channel_connector"."jobs"."state" = 'dead';--> statement-breakpoint
CREATE INDEX "jobs_done" ON "channel_connector"."jobs" USING btree ("name","ended_at") WHERE "channel_connector"."jobs"."state" = 'done';--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_deliveries_event" ON "channel_connector"."webhook_deliveries" USING btree ("tenant_id","endpoint_id","event_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_log" ON "channel_connector"."webhook_deliveries" USING btree ("tenant_id","endpoint_id","id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_failed" ON "channel_connector"."webhook_deliveries" USING btree ("tenant_id","endpoint_id","id") WHERE "channel_connector"."webhook_deliveries"."status" = 'failed';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_age" ON "channel_connector"."webhook_deliveries" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_endpoints_channel" ON "channel_connector"."webhook_endpoints" USING btree ("tenant_id","channel_id") WHERE "channel_connector"."webhook_endpoints"."channel_id" is not null;--> statement-breakpoint
CREATE INDEX "webhook_endpoints_enabled" ON "channel_connector"."webhook_endpoints" USING btree ("enabled_at","tenant_id") WHERE "channel_connector"."webhook_endpoints"."enabled";