CREATE TABLE "conversation"."agents" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"agent_status" text NOT NULL,
	"presence_at" timestamp (3) with time zone NOT NULL,
	"presence_id" uuid NOT NULL,
	"status" text NOT NULL,
	"max_chats" integer NOT NULL,
	"auto_assign" boolean NOT NULL,
	"settings_at" timestamp (3) with time zone NOT NULL,
	"settings_id" uuid NOT NULL,
	CONSTRAINT "agents_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."campaign_agents" (
	"tenant_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"max_chats" integer,
	"priority" integer DEFAULT 0 NOT NULL,
	"skills" text[] DEFAULT '{}' NOT NULL,
	"turn" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "campaign_agents_tenant_id_campaign_id_user_id_pk" PRIMARY KEY("tenant_id","campaign_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."campaign_numbers" (
	"tenant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"campaign_id" uuid NOT NULL,
	"is_primary" boolean DEFAULT false NOT NULL,
	"position" integer NOT NULL,
	CONSTRAINT "campaign_numbers_tenant_id_channel_id_pk" PRIMARY KEY("tenant_id","channel_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."campaigns" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"code" text NOT NULL,
	"description" text,
	"status" text NOT NULL,
	"priority" integer NOT NULL,
	"business_hours" jsonb,
	"timezone" text NOT NULL,
	"holidays" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"sla_first_response_seconds" integer,
	"sla_resolution_seconds" integer,
	"bot_enabled" boolean DEFAULT false NOT NULL,
	"bot_wait_seconds" integer DEFAULT 60 NOT NULL,
	"routing_strategy" text NOT NULL,
	"sticky_agent" boolean DEFAULT false NOT NULL,
	"reassign_offline" boolean DEFAULT true NOT NULL,
	"reassign_paused" boolean DEFAULT false NOT NULL,
	"welcome_message" text,
	"offline_message" text,
	"queue_message" text,
	"wake_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "campaigns_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."conversation_routes" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"welcomed_at" timestamp (3) with time zone,
	"offline_at" timestamp (3) with time zone,
	"position_at" timestamp (3) with time zone,
	CONSTRAINT "conversation_routes_tenant_id_conversation_id_pk" PRIMARY KEY("tenant_id","conversation_id")
);
--> statement-breakpoint
ALTER TABLE "conversation"."conversations" ADD COLUMN "queued_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "campaign_agents_user" ON "conversation"."campaign_agents" USING btree ("tenant_id","user_id");--> statement-breakpoint
CREATE INDEX "campaign_numbers_of" ON "conversation"."campaign_numbers" USING btree ("tenant_id","campaign_id");--> statement-breakpoint
CREATE UNIQUE INDEX "campaigns_code" ON "conversation"."campaigns" USING btree ("tenant_id",lower("code")) WHERE "conversation"."campaigns"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "conversations_queue" ON "conversation"."conversations" USING btree ("tenant_id","campaign_id",coalesce("queued_at", "created_at"),"id") WHERE "conversation"."conversations"."status" = 'queued' and "conversation"."conversations"."assigned_user_id" is null and "conversation"."conversations"."campaign_id" is not null;--> statement-breakpoint
CREATE INDEX "conversations_in_campaign" ON "conversation"."conversations" USING btree ("tenant_id","campaign_id","assigned_user_id") WHERE "conversation"."conversations"."campaign_id" is not null and "conversation"."conversations"."status" <> 'closed';--> statement-breakpoint
CREATE INDEX "conversations_load" ON "conversation"."conversations" USING btree ("tenant_id","assigned_user_id") WHERE "conversation"."conversations"."assigned_user_id" is not null and "conversation"."conversations"."status" <> 'closed';