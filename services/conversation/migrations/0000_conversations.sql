CREATE SCHEMA "conversation";
--> statement-breakpoint
CREATE TABLE "conversation"."contact_identities" (
	"tenant_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"value" text NOT NULL,
	"contact_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "contact_identities_tenant_id_kind_value_pk" PRIMARY KEY("tenant_id","kind","value")
);
--> statement-breakpoint
CREATE TABLE "conversation"."contacts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text,
	"phone" text,
	"email" text,
	"avatar_url" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "contacts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."conversations" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"contact_id" uuid NOT NULL,
	"peer_wa_id" text,
	"peer_phone" text,
	"peer_user_id" text,
	"status" text DEFAULT 'new' NOT NULL,
	"archived" boolean DEFAULT false NOT NULL,
	"priority" text DEFAULT 'normal' NOT NULL,
	"assigned_user_id" uuid,
	"campaign_id" uuid,
	"unread_count" integer DEFAULT 0 NOT NULL,
	"message_count" integer DEFAULT 0 NOT NULL,
	"last_message_id" uuid,
	"last_message_content" text,
	"last_message_direction" text,
	"last_message_type" text,
	"last_message_at" timestamp (3) with time zone NOT NULL,
	"last_inbound_at" timestamp (3) with time zone,
	"assigned_at" timestamp (3) with time zone,
	"first_response_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversations_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."dead_letters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid,
	"consumer" text NOT NULL,
	"event_id" uuid,
	"subject" text NOT NULL,
	"envelope" text NOT NULL,
	"error" text NOT NULL,
	"tries" integer NOT NULL,
	"parked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"replay_requested_at" timestamp with time zone,
	"replayed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "conversation"."delivery_tries" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"tries" integer NOT NULL,
	"last_error" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_tries_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."inbox" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."messages" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"direction" text NOT NULL,
	"type" text NOT NULL,
	"content" text NOT NULL,
	"metadata" jsonb,
	"status" text NOT NULL,
	"provider_message_id" text,
	"author" text NOT NULL,
	"user_id" uuid,
	"ai_model" text,
	"reply_to_inbound_id" uuid,
	"reply_to_provider_message_id" text,
	"error_code" text,
	"error_message" text,
	"sent_time" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"delivered_at" timestamp (3) with time zone,
	"read_at" timestamp (3) with time zone,
	"failed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "messages_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"envelope" text NOT NULL,
	"dedupe_key" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"published_at" timestamp with time zone,
	"stream_seq" bigint
);
--> statement-breakpoint
CREATE TABLE "conversation"."pending_statuses" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"provider_message_id" text NOT NULL,
	"status" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"error_code" text,
	"error_message" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pending_statuses_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."relay_state" (
	"stream" text PRIMARY KEY NOT NULL,
	"stream_created" text NOT NULL,
	"high_water" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "contact_identities_contact" ON "conversation"."contact_identities" USING btree ("tenant_id","contact_id");--> statement-breakpoint
CREATE UNIQUE INDEX "conversations_open" ON "conversation"."conversations" USING btree ("tenant_id","channel_id","contact_id") WHERE "conversation"."conversations"."status" <> 'closed';--> statement-breakpoint
CREATE INDEX "conversations_recent" ON "conversation"."conversations" USING btree ("tenant_id","last_message_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "conversations_channel" ON "conversation"."conversations" USING btree ("tenant_id","channel_id","last_message_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "conversations_assigned" ON "conversation"."conversations" USING btree ("tenant_id","assigned_user_id","last_message_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE "conversation"."conversations"."assigned_user_id" is not null;--> statement-breakpoint
CREATE INDEX "conversations_campaign" ON "conversation"."conversations" USING btree ("tenant_id","campaign_id","last_message_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE "conversation"."conversations"."campaign_id" is not null;--> statement-breakpoint
CREATE INDEX "conversations_contact" ON "conversation"."conversations" USING btree ("tenant_id","contact_id");--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_event" ON "conversation"."dead_letters" USING btree ("consumer","event_id");--> statement-breakpoint
CREATE INDEX "dead_letters_parked" ON "conversation"."dead_letters" USING btree ("consumer","parked_at") WHERE "conversation"."dead_letters"."replayed_at" is null;--> statement-breakpoint
CREATE INDEX "inbox_age" ON "conversation"."inbox" USING brin ("claimed_at");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_provider" ON "conversation"."messages" USING btree ("tenant_id","channel_id","provider_message_id") WHERE "conversation"."messages"."provider_message_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "messages_ai_reply" ON "conversation"."messages" USING btree ("tenant_id","conversation_id","reply_to_inbound_id") WHERE "conversation"."messages"."author" = 'ai';--> statement-breakpoint
CREATE INDEX "messages_thread" ON "conversation"."messages" USING btree ("tenant_id","conversation_id","sent_time","id");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_dedupe" ON "conversation"."outbox" USING btree ("tenant_id","dedupe_key") WHERE "conversation"."outbox"."dedupe_key" is not null;--> statement-breakpoint
CREATE INDEX "outbox_unsent" ON "conversation"."outbox" USING btree ("created_at","id") WHERE "conversation"."outbox"."published_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_age" ON "conversation"."outbox" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "pending_statuses_message" ON "conversation"."pending_statuses" USING btree ("tenant_id","channel_id","provider_message_id");--> statement-breakpoint
CREATE INDEX "pending_statuses_age" ON "conversation"."pending_statuses" USING btree ("created_at");