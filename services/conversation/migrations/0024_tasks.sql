CREATE TABLE "conversation"."task_comments" (
	"tenant_id" uuid NOT NULL,
	"task_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid,
	"content" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "task_comments_tenant_id_task_id_id_pk" PRIMARY KEY("tenant_id","task_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."tasks" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"status" text DEFAULT 'pending' NOT NULL,
	"priority" text DEFAULT 'normal' NOT NULL,
	"contact_id" uuid,
	"conversation_id" uuid,
	"assigned_user_id" uuid,
	"created_by" uuid,
	"due_at" timestamp (3) with time zone,
	"due_order" timestamp (3) with time zone GENERATED ALWAYS AS (coalesce(due_at, timestamptz '9999-12-31 00:00:00+00')) STORED NOT NULL,
	"reminder_at" timestamp (3) with time zone,
	"due_told" timestamp (3) with time zone,
	"reminder_told" timestamp (3) with time zone,
	"recurrence" jsonb,
	"anchor_at" timestamp (3) with time zone,
	"follows_task_id" uuid,
	"completion_notes" text,
	"completed_at" timestamp (3) with time zone,
	"completed_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tasks_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_follows" ON "conversation"."tasks" USING btree ("tenant_id","follows_task_id") WHERE "conversation"."tasks"."follows_task_id" is not null;--> statement-breakpoint
CREATE INDEX "tasks_due" ON "conversation"."tasks" USING btree ("tenant_id","due_order","id");--> statement-breakpoint
CREATE INDEX "tasks_assigned" ON "conversation"."tasks" USING btree ("tenant_id","assigned_user_id","id") WHERE "conversation"."tasks"."assigned_user_id" is not null;--> statement-breakpoint
CREATE INDEX "tasks_created_by" ON "conversation"."tasks" USING btree ("tenant_id","created_by","id") WHERE "conversation"."tasks"."created_by" is not null;--> statement-breakpoint
CREATE INDEX "tasks_contact" ON "conversation"."tasks" USING btree ("tenant_id","contact_id","id") WHERE "conversation"."tasks"."contact_id" is not null;--> statement-breakpoint
CREATE INDEX "tasks_conversation" ON "conversation"."tasks" USING btree ("tenant_id","conversation_id","id") WHERE "conversation"."tasks"."conversation_id" is not null;