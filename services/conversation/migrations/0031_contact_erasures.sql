CREATE TABLE "conversation"."contact_events" (
	"tenant_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"conversation_id" uuid,
	"user_id" uuid,
	"data" jsonb,
	CONSTRAINT "contact_events_tenant_id_contact_id_at_id_pk" PRIMARY KEY("tenant_id","contact_id","at","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."erased_identities" (
	"tenant_id" uuid NOT NULL,
	"digest" text NOT NULL,
	"erased_at" timestamp (3) with time zone NOT NULL,
	"blocked_at" timestamp (3) with time zone,
	"marketing_stopped_at" timestamp (3) with time zone,
	"marketing_changed_at" timestamp (3) with time zone,
	CONSTRAINT "erased_identities_tenant_id_digest_pk" PRIMARY KEY("tenant_id","digest")
);
--> statement-breakpoint
CREATE TABLE "conversation"."erasures" (
	"tenant_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"status" text DEFAULT 'running' NOT NULL,
	"requested_by" uuid,
	"requested_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"done_at" timestamp (3) with time zone,
	"chats" integer DEFAULT 0 NOT NULL,
	"messages" integer DEFAULT 0 NOT NULL,
	"files" integer DEFAULT 0 NOT NULL,
	"notes" integer DEFAULT 0 NOT NULL,
	"tasks" integer DEFAULT 0 NOT NULL,
	"round" integer DEFAULT 0 NOT NULL,
	"place" jsonb,
	"addresses" text[],
	CONSTRAINT "erasures_tenant_id_contact_id_pk" PRIMARY KEY("tenant_id","contact_id")
);
--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "contact_events_kind" ON "conversation"."contact_events" USING btree ("tenant_id","contact_id","kind","at","id");--> statement-breakpoint
CREATE INDEX "erased_identities_age" ON "conversation"."erased_identities" USING btree ("erased_at");