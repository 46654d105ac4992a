CREATE TABLE "conversation"."board_cards" (
	"tenant_id" uuid NOT NULL,
	"board_id" uuid NOT NULL,
	"card_id" uuid NOT NULL,
	"stage_id" uuid NOT NULL,
	"rank" numeric NOT NULL,
	"moved_by" uuid,
	"moved_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "board_cards_tenant_id_board_id_card_id_pk" PRIMARY KEY("tenant_id","board_id","card_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."board_stages" (
	"tenant_id" uuid NOT NULL,
	"board_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"color" text NOT NULL,
	"position" integer NOT NULL,
	"wip_limit" integer,
	"lead_status" text,
	"meaning" text,
	CONSTRAINT "board_stages_tenant_id_board_id_id_pk" PRIMARY KEY("tenant_id","board_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."boards" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"campaign_id" uuid,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "boards_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."survey_settings" (
	"tenant_id" uuid NOT NULL,
	"scope_id" uuid NOT NULL,
	"settings" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "survey_settings_tenant_id_scope_id_pk" PRIMARY KEY("tenant_id","scope_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."surveys" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"campaign_id" uuid,
	"user_id" uuid,
	"handled_by" text,
	"status" text NOT NULL,
	"reason" text,
	"settings" jsonb NOT NULL,
	"way" text,
	"message_id" uuid,
	"score" smallint,
	"comment" text,
	"closed_at" timestamp (3) with time zone NOT NULL,
	"asked_at" timestamp (3) with time zone,
	"opens_until" timestamp (3) with time zone,
	"answered_at" timestamp (3) with time zone,
	"answer_sent_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "surveys_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE INDEX "board_cards_order" ON "conversation"."board_cards" USING btree ("tenant_id","board_id","stage_id","rank" DESC NULLS LAST,"card_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "board_cards_of" ON "conversation"."board_cards" USING btree ("tenant_id","card_id");--> statement-breakpoint
CREATE UNIQUE INDEX "board_stages_lead_status" ON "conversation"."board_stages" USING btree ("tenant_id","board_id","lead_status") WHERE "conversation"."board_stages"."lead_status" is not null;--> statement-breakpoint
CREATE INDEX "boards_campaign" ON "conversation"."boards" USING btree ("tenant_id","campaign_id") WHERE "conversation"."boards"."campaign_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "surveys_conversation" ON "conversation"."surveys" USING btree ("tenant_id","conversation_id");--> statement-breakpoint
CREATE INDEX "surveys_contact" ON "conversation"."surveys" USING btree ("tenant_id","contact_id","asked_at");--> statement-breakpoint
CREATE INDEX "surveys_closed" ON "conversation"."surveys" USING btree ("tenant_id","closed_at","id");--> statement-breakpoint
CREATE INDEX "surveys_answered" ON "conversation"."surveys" USING btree ("tenant_id","closed_at","id") WHERE "conversation"."surveys"."answered_at" is not null;--> statement-breakpoint
CREATE INDEX "surveys_user" ON "conversation"."surveys" USING btree ("tenant_id","user_id","closed_at","id") WHERE "conversation"."surveys"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "surveys_campaign" ON "conversation"."surveys" USING btree ("tenant_id","campaign_id","closed_at","id") WHERE "conversation"."surveys"."campaign_id" is not null;--> statement-breakpoint
CREATE INDEX "conversations_open_walk" ON "conversation"."conversations" USING btree ("tenant_id","campaign_id","id") WHERE "conversation"."conversations"."campaign_id" is not null and "conversation"."conversations"."status" <> 'closed';