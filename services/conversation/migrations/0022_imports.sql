CREATE TABLE "conversation"."jobs" (
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
CREATE TABLE "conversation"."import_chunks" (
	"tenant_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"rows" text NOT NULL,
	CONSTRAINT "import_chunks_tenant_id_import_id_number_pk" PRIMARY KEY("tenant_id","import_id","number")
);
--> statement-breakpoint
CREATE TABLE "conversation"."import_errors" (
	"tenant_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"row" integer NOT NULL,
	"field" text NOT NULL,
	"code" text NOT NULL,
	CONSTRAINT "import_errors_tenant_id_import_id_row_field_pk" PRIMARY KEY("tenant_id","import_id","row","field")
);
--> statement-breakpoint
CREATE TABLE "conversation"."imports" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"status" text DEFAULT 'read' NOT NULL,
	"file_name" text NOT NULL,
	"format" text NOT NULL,
	"encoding" text,
	"separator" text,
	"headers" jsonb NOT NULL,
	"mapping" jsonb NOT NULL,
	"on_duplicate" text DEFAULT 'skip' NOT NULL,
	"origin" jsonb NOT NULL,
	"created_by" uuid,
	"total_rows" integer DEFAULT 0 NOT NULL,
	"created_rows" integer DEFAULT 0 NOT NULL,
	"updated_rows" integer DEFAULT 0 NOT NULL,
	"unchanged_rows" integer DEFAULT 0 NOT NULL,
	"duplicate_rows" integer DEFAULT 0 NOT NULL,
	"invalid_rows" integer DEFAULT 0 NOT NULL,
	"next_chunk" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "imports_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_key" ON "conversation"."jobs" USING btree ("tenant_id","name","key") WHERE "conversation"."jobs"."key" is not null;--> statement-breakpoint
CREATE INDEX "jobs_queued" ON "conversation"."jobs" USING btree ("name","tenant_id","priority" DESC NULLS FIRST,"run_at") WHERE "conversation"."jobs"."state" = 'queued';--> statement-breakpoint
CREATE INDEX "jobs_due" ON "conversation"."jobs" USING btree ("name","run_at") WHERE "conversation"."jobs"."state" in ('scheduled', 'running');--> statement-breakpoint
CREATE INDEX "jobs_dead" ON "conversation"."jobs" USING btree ("name","ended_at") WHERE "conversation"."jobs"."state" = 'dead';--> statement-breakpoint
CREATE INDEX "jobs_done" ON "conversation"."jobs" USING btree ("name","ended_at") WHERE "conversation"."jobs"."state" = 'done';--> statement-breakpoint
CREATE UNIQUE INDEX "imports_running" ON "conversation"."imports" USING btree ("tenant_id") WHERE "conversation"."imports"."status" = 'running';--> statement-breakpoint
CREATE INDEX "imports_old" ON "conversation"."imports" USING btree ("created_at");