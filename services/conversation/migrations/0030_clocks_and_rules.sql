CREATE TABLE "conversation"."conversation_clocks" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"clocks" jsonb NOT NULL,
	"timer_at" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone,
	"is_breached" boolean DEFAULT false NOT NULL,
	"passed_over" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversation_clocks_tenant_id_conversation_id_pk" PRIMARY KEY("tenant_id","conversation_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."macros" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"owner_id" uuid,
	"actions" jsonb NOT NULL,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "macros_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."rule_runs" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"event" text NOT NULL,
	"conversation_id" uuid NOT NULL,
	"status" text NOT NULL,
	"actions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "rule_runs_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."rules" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"position" integer NOT NULL,
	"event" text NOT NULL,
	"after_seconds" integer,
	"conditions" jsonb,
	"actions" jsonb NOT NULL,
	"stop" boolean DEFAULT false NOT NULL,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rules_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "conversation"."campaigns" ADD COLUMN "sla_next_response_seconds" integer;--> statement-breakpoint
ALTER TABLE "conversation"."campaigns" ADD COLUMN "sla_warn_percent" integer DEFAULT 80;--> statement-breakpoint
ALTER TABLE "conversation"."campaigns" ADD COLUMN "clocks_in_hours" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."campaigns" ADD COLUMN "silence_seconds" integer;--> statement-breakpoint
ALTER TABLE "conversation"."campaigns" ADD COLUMN "silence_action" text DEFAULT 'agent' NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."campaigns" ADD COLUMN "reassign_full" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "awaited_since" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "conversation_clocks_due" ON "conversation"."conversation_clocks" USING btree ("tenant_id","conversation_id") WHERE "conversation"."conversation_clocks"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "conversation_clocks_breached" ON "conversation"."conversation_clocks" USING btree ("tenant_id","conversation_id") WHERE "conversation"."conversation_clocks"."is_breached";--> statement-breakpoint
CREATE INDEX "conversation_clocks_passed" ON "conversation"."conversation_clocks" USING btree ("tenant_id","conversation_id") WHERE "conversation"."conversation_clocks"."passed_over" <> '[]';--> statement-breakpoint
CREATE INDEX "macros_owner" ON "conversation"."macros" USING btree ("tenant_id","owner_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "rule_runs_once" ON "conversation"."rule_runs" USING btree ("tenant_id","rule_id","event_id");--> statement-breakpoint
CREATE INDEX "rule_runs_of_rule" ON "conversation"."rule_runs" USING btree ("tenant_id","rule_id","id");--> statement-breakpoint
CREATE INDEX "rule_runs_of_conversation" ON "conversation"."rule_runs" USING btree ("tenant_id","conversation_id","id");--> statement-breakpoint
CREATE INDEX "rule_runs_age" ON "conversation"."rule_runs" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "rules_order" ON "conversation"."rules" USING btree ("tenant_id","position","id");--> statement-breakpoint
CREATE INDEX "rules_of_event" ON "conversation"."rules" USING btree ("tenant_id","event") WHERE "conversation"."rules"."enabled";