CREATE TABLE "conversation"."canned_answers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid,
	"shortcut" text NOT NULL,
	"shortcut_key" text NOT NULL,
	"title" text NOT NULL,
	"content" text NOT NULL,
	"category" text,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"media" jsonb,
	"search_text" text NOT NULL,
	"usage_count" integer DEFAULT 0 NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "canned_answers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."conversation_drafts" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"text" text NOT NULL,
	"file_id" uuid,
	"reply_to" uuid,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "conversation_drafts_tenant_id_user_id_conversation_id_pk" PRIMARY KEY("tenant_id","user_id","conversation_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."note_mentions" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"note_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	CONSTRAINT "note_mentions_tenant_id_user_id_note_id_pk" PRIMARY KEY("tenant_id","user_id","note_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."scheduled_messages" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"user_id" uuid,
	"content" jsonb NOT NULL,
	"send_at" timestamp (3) with time zone NOT NULL,
	"cancel_on_reply" boolean DEFAULT false NOT NULL,
	"status" text DEFAULT 'scheduled' NOT NULL,
	"reason" text,
	"error" text,
	"message_id" uuid,
	"settled_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "scheduled_messages_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "snoozed_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "inbound_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "reopen_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "answer_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "answer_seconds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "canned_answers_shared" ON "conversation"."canned_answers" USING btree ("tenant_id","shortcut_key") WHERE "conversation"."canned_answers"."user_id" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "canned_answers_own" ON "conversation"."canned_answers" USING btree ("tenant_id","user_id","shortcut_key") WHERE "conversation"."canned_answers"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "conversation_drafts_recent" ON "conversation"."conversation_drafts" USING btree ("tenant_id","user_id","updated_at","conversation_id");--> statement-breakpoint
CREATE INDEX "conversation_drafts_of" ON "conversation"."conversation_drafts" USING btree ("tenant_id","conversation_id");--> statement-breakpoint
CREATE INDEX "conversation_drafts_age" ON "conversation"."conversation_drafts" USING btree ("updated_at");--> statement-breakpoint
CREATE INDEX "scheduled_messages_chat" ON "conversation"."scheduled_messages" USING btree ("tenant_id","conversation_id","send_at","id");--> statement-breakpoint
CREATE INDEX "scheduled_messages_waiting" ON "conversation"."scheduled_messages" USING btree ("tenant_id","send_at","id") WHERE "conversation"."scheduled_messages"."status" = 'scheduled';--> statement-breakpoint
CREATE INDEX "scheduled_messages_settled" ON "conversation"."scheduled_messages" USING btree ("settled_at") WHERE "conversation"."scheduled_messages"."settled_at" is not null;--> statement-breakpoint
CREATE INDEX "conversations_snoozed" ON "conversation"."conversations" USING btree ("tenant_id","snoozed_until") WHERE "conversation"."conversations"."snoozed_until" is not null;--> statement-breakpoint
CREATE INDEX "conversations_archived" ON "conversation"."conversations" USING btree ("tenant_id","active_at" DESC NULLS LAST) WHERE "conversation"."conversations"."archived";