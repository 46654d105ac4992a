CREATE SCHEMA "analytics";
--> statement-breakpoint
CREATE TABLE "analytics"."conversation_states" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"open" boolean NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "conversation_states_tenant_id_conversation_id_pk" PRIMARY KEY("tenant_id","conversation_id")
);
--> statement-breakpoint
CREATE TABLE "analytics"."daily_counts" (
	"tenant_id" uuid NOT NULL,
	"day" date NOT NULL,
	"metric" text NOT NULL,
	"value" bigint NOT NULL,
	CONSTRAINT "daily_counts_tenant_id_day_metric_pk" PRIMARY KEY("tenant_id","day","metric")
);
--> statement-breakpoint
CREATE TABLE "analytics"."dead_letters" (
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
CREATE TABLE "analytics"."delivery_tries" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"tries" integer NOT NULL,
	"last_error" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_tries_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "analytics"."hourly_counts" (
	"tenant_id" uuid NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"metric" text NOT NULL,
	"value" bigint NOT NULL,
	CONSTRAINT "hourly_counts_tenant_id_hour_metric_pk" PRIMARY KEY("tenant_id","hour","metric")
);
--> statement-breakpoint
CREATE TABLE "analytics"."inbox" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "analytics"."minute_counts" (
	"tenant_id" uuid NOT NULL,
	"minute" timestamp (3) with time zone NOT NULL,
	"value" bigint NOT NULL,
	CONSTRAINT "minute_counts_tenant_id_minute_pk" PRIMARY KEY("tenant_id","minute")
);
--> statement-breakpoint
CREATE TABLE "analytics"."outbox" (
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
CREATE TABLE "analytics"."relay_state" (
	"stream" text PRIMARY KEY NOT NULL,
	"stream_created" text NOT NULL,
	"high_water" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "analytics"."tenants" (
	"tenant_id" uuid PRIMARY KEY NOT NULL,
	"timezone" text NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "conversation_states_open" ON "analytics"."conversation_states" USING btree ("tenant_id") WHERE "analytics"."conversation_states"."open";--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_event" ON "analytics"."dead_letters" USING btree ("consumer","event_id");--> statement-breakpoint
CREATE INDEX "dead_letters_parked" ON "analytics"."dead_letters" USING btree ("consumer","parked_at") WHERE "analytics"."dead_letters"."replayed_at" is null;--> statement-breakpoint
CREATE INDEX "inbox_age" ON "analytics"."inbox" USING brin ("claimed_at");--> statement-breakpoint
CREATE INDEX "minute_counts_age" ON "analytics"."minute_counts" USING btree ("minute");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_dedupe" ON "analytics"."outbox" USING btree ("tenant_id","dedupe_key") WHERE "analytics"."outbox"."dedupe_key" is not null;--> statement-breakpoint
CREATE INDEX "outbox_unsent" ON "analytics"."outbox" USING btree ("created_at","id") WHERE "analytics"."outbox"."published_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_age" ON "analytics"."outbox" USING brin ("created_at");