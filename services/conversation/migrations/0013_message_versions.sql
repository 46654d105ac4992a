CREATE TABLE "conversation"."message_versions" (
	"tenant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"provider_message_id" text NOT NULL,
	"change_id" text NOT NULL,
	"kind" text NOT NULL,
	"direction" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"content" text NOT NULL,
	"details" jsonb,
	"message_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "message_versions_pk" PRIMARY KEY("tenant_id","channel_id","provider_message_id","change_id")
);
--> statement-breakpoint
CREATE INDEX "message_versions_message" ON "conversation"."message_versions" USING btree ("tenant_id","message_id") WHERE "conversation"."message_versions"."message_id" is not null;--> statement-breakpoint
CREATE INDEX "message_versions_waiting" ON "conversation"."message_versions" USING btree ("created_at") WHERE "conversation"."message_versions"."message_id" is null;--> statement-breakpoint
CREATE INDEX "messages_reactions" ON "conversation"."messages" USING btree ("tenant_id","channel_id","reply_to_provider_message_id") WHERE "conversation"."messages"."type" = 'reaction';