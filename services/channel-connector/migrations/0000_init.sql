CREATE SCHEMA "channel_connector";
--> statement-breakpoint
CREATE TABLE "channel_connector"."channels" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"provider" text NOT NULL,
	"phone" text,
	"status" text NOT NULL,
	"key" text NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"daily_message_limit" integer,
	"rate_per_minute" integer,
	"provider_id" text,
	"credentials" text NOT NULL,
	"last_connected_at" timestamp with time zone,
	"last_error" text,
	"checked_at" timestamp with time zone,
	"blocked_until" timestamp with time zone,
	"sent_total" bigint DEFAULT 0 NOT NULL,
	"received_total" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "channels_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."dead_letters" (
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
CREATE TABLE "channel_connector"."delivery_tries" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"tries" integer NOT NULL,
	"last_error" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_tries_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."dispatches" (
	"tenant_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"recipient" jsonb NOT NULL,
	"type" text NOT NULL,
	"body" text NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"refusals" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease_until" timestamp with time zone,
	"uncertain_at" timestamp with time zone,
	"provider_message_id" text,
	"error_code" text,
	"error_message" text,
	"requested_at" timestamp with time zone NOT NULL,
	"traceparent" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dispatches_tenant_id_message_id_pk" PRIMARY KEY("tenant_id","message_id")
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."inbox" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."outbox" (
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
CREATE TABLE "channel_connector"."relay_state" (
	"stream" text PRIMARY KEY NOT NULL,
	"stream_created" text NOT NULL,
	"high_water" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "channels_id" ON "channel_connector"."channels" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "channels_key" ON "channel_connector"."channels" USING btree ("key");--> statement-breakpoint
CREATE UNIQUE INDEX "channels_phone" ON "channel_connector"."channels" USING btree ("tenant_id","phone");--> statement-breakpoint
CREATE UNIQUE INDEX "channels_provider_id" ON "channel_connector"."channels" USING btree ("provider","provider_id");--> statement-breakpoint
CREATE INDEX "channels_ailing" ON "channel_connector"."channels" USING btree ("checked_at") WHERE "channel_connector"."channels"."status" in ('connecting', 'error');--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_event" ON "channel_connector"."dead_letters" USING btree ("consumer","event_id");--> statement-breakpoint
CREATE INDEX "dead_letters_parked" ON "channel_connector"."dead_letters" USING btree ("consumer","parked_at") WHERE "channel_connector"."dead_letters"."replayed_at" is null;--> statement-breakpoint
CREATE INDEX "dispatches_queued" ON "channel_connector"."dispatches" USING btree ("channel_id","requested_at","message_id") WHERE "channel_connector"."dispatches"."state" = 'queued';--> statement-breakpoint
CREATE INDEX "dispatches_open" ON "channel_connector"."dispatches" USING btree ("tenant_id","conversation_id","requested_at","message_id") WHERE "channel_connector"."dispatches"."state" in ('queued', 'sending');--> statement-breakpoint
CREATE UNIQUE INDEX "dispatches_in_flight" ON "channel_connector"."dispatches" USING btree ("tenant_id","conversation_id") WHERE "channel_connector"."dispatches"."state" = 'sending';--> statement-breakpoint
CREATE INDEX "dispatches_lease" ON "channel_connector"."dispatches" USING btree ("lease_until") WHERE "channel_connector"."dispatches"."state" = 'sending';--> statement-breakpoint
CREATE INDEX "dispatches_uncertain" ON "channel_connector"."dispatches" USING btree ("uncertain_at") WHERE "channel_connector"."dispatches"."state" = 'uncertain';--> statement-breakpoint
CREATE INDEX "inbox_age" ON "channel_connector"."inbox" USING brin ("claimed_at");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_dedupe" ON "channel_connector"."outbox" USING btree ("tenant_id","dedupe_key") WHERE "channel_connector"."outbox"."dedupe_key" is not null;--> statement-breakpoint
CREATE INDEX "outbox_unsent" ON "channel_connector"."outbox" USING btree ("created_at","id") WHERE "channel_connector"."outbox"."published_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_age" ON "channel_connector"."outbox" USING brin ("created_at");