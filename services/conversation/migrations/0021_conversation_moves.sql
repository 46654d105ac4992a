CREATE TABLE "conversation"."conversation_notes" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"user_id" uuid,
	"content" text NOT NULL,
	"mentions" uuid[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversation_notes_tenant_id_conversation_id_id_pk" PRIMARY KEY("tenant_id","conversation_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."conversation_tags" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"tag_id" uuid NOT NULL,
	"added_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversation_tags_tenant_id_conversation_id_tag_id_pk" PRIMARY KEY("tenant_id","conversation_id","tag_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."tags" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"color" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tags_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "close_reason" text;--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "outcome" text;--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "outcome_value" double precision;--> statement-breakpoint
CREATE INDEX "conversation_tags_of" ON "conversation"."conversation_tags" USING btree ("tenant_id","tag_id","conversation_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tags_name" ON "conversation"."tags" USING btree ("tenant_id",lower("name"));