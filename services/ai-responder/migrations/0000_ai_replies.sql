CREATE SCHEMA "ai_responder";
--> statement-breakpoint
CREATE TABLE "ai_responder"."ai_configs" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"enabled" boolean NOT NULL,
	"enabled_since" timestamp (3) with time zone,
	"model" text NOT NULL,
	"personality" text NOT NULL,
	"response_mode" text NOT NULL,
	"system_prompt" text NOT NULL,
	"welcome_message" text NOT NULL,
	"business_hours" jsonb,
	"keywords" text[] NOT NULL,
	"settings" jsonb NOT NULL,
	"limits" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ai_responder"."dead_letters" (
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
CREATE TABLE "ai_responder"."delivery_tries" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"tries" integer NOT NULL,
	"last_error" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_tries_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "ai_responder"."inbox" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "ai_responder"."outbox" (
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
CREATE TABLE "ai_responder"."pending_replies" (
	"tenant_id" uuid NOT NULL,
	"inbound_message_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"state" text NOT NULL,
	"reason" text,
	"inbound_at" timestamp (3) with time zone NOT NULL,
	"is_new" boolean NOT NULL,
	"next_try_at" timestamp (3) with time zone NOT NULL,
	"claims" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"lease_id" uuid,
	"traceparent" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pending_replies_tenant_id_inbound_message_id_pk" PRIMARY KEY("tenant_id","inbound_message_id")
);
--> statement-breakpoint
CREATE TABLE "ai_responder"."relay_state" (
	"stream" text PRIMARY KEY NOT NULL,
	"stream_created" text NOT NULL,
	"high_water" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ai_responder"."usage_days" (
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"tokens" bigint NOT NULL,
	"calls" integer NOT NULL,
	CONSTRAINT "usage_days_tenant_id_day_pk" PRIMARY KEY("tenant_id","day")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_event" ON "ai_responder"."dead_letters" USING btree ("consumer","event_id");--> statement-breakpoint
CREATE INDEX "dead_letters_parked" ON "ai_responder"."dead_letters" USING btree ("consumer","parked_at") WHERE "ai_responder"."dead_letters"."replayed_at" is null;--> statement-breakpoint
CREATE INDEX "inbox_age" ON "ai_responder"."inbox" USING brin ("claimed_at");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_dedupe" ON "ai_responder"."outbox" USING btree ("tenant_id","dedupe_key") WHERE "ai_responder"."outbox"."dedupe_key" is not null;--> statement-breakpoint
CREATE INDEX "outbox_unsent" ON "ai_responder"."outbox" USING btree ("created_at","id") WHERE "ai_responder"."outbox"."published_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_age" ON "ai_responder"."outbox" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "pending_replies_claimable" ON "ai_responder"."pending_replies" USING btree ("tenant_id","next_try_at") WHERE "ai_responder"."pending_replies"."state" in ('due', 'working');--> statement-breakpoint
CREATE INDEX "pending_replies_conversation" ON "ai_responder"."pending_replies" USING btree ("tenant_id","conversation_id") WHERE "ai_responder"."pending_replies"."state" in ('waiting', 'due');--> statement-breakpoint
CREATE INDEX "pending_replies_age" ON "ai_responder"."pending_replies" USING btree ("created_at");