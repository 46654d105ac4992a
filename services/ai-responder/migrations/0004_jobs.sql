CREATE TABLE "ai_responder"."jobs" (
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
CREATE UNIQUE INDEX "jobs_key" ON "ai_responder"."jobs" USING btree ("tenant_id","name","key") WHERE "ai_responder"."jobs"."key" is not null;--> statement-breakpoint
CREATE INDEX "jobs_queued" ON "ai_responder"."jobs" USING btree ("name","tenant_id","priority" DESC NULLS FIRST,"run_at") WHERE "ai_responder"."jobs"."state" = 'queued';--> statement-breakpoint
CREATE INDEX "jobs_due" ON "ai_responder"."jobs" USING btree ("name","run_at") WHERE "ai_responder"."jobs"."state" in ('scheduled', 'running');--> statement-breakpoint
CREATE INDEX "jobs_dead" ON "ai_responder"."jobs" USING btree ("name","ended_at") WHERE "ai_responder"."jobs"."state" = 'dead';--> statement-breakpoint
CREATE INDEX "jobs_done" ON "ai_responder"."jobs" USING btree ("name","ended_at") WHERE "ai_responder"."jobs"."state" = 'done';