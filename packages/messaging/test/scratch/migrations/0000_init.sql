CREATE SCHEMA "scratch";
--> statement-breakpoint
CREATE TABLE "scratch"."dead_letters" (
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
CREATE TABLE "scratch"."delivery_tries" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"tries" integer NOT NULL,
	"last_error" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_tries_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "scratch"."inbox" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "scratch"."notes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"body" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "scratch"."outbox" (
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
CREATE TABLE "scratch"."relay_state" (
	"stream" text PRIMARY KEY NOT NULL,
	"stream_created" text NOT NULL,
	"high_water" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_event" ON "scratch"."dead_letters" USING btree ("consumer","event_id");--> statement-breakpoint
CREATE INDEX "dead_letters_parked" ON "scratch"."dead_letters" USING btree ("consumer","parked_at") WHERE "scratch"."dead_letters"."replayed_at" is null;--> statement-breakpoint
CREATE INDEX "inbox_age" ON "scratch"."inbox" USING brin ("claimed_at");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_dedupe" ON "scratch"."outbox" USING btree ("tenant_id","dedupe_key") WHERE "scratch"."outbox"."dedupe_key" is not null;--> statement-breakpoint
CREATE INDEX "outbox_unsent" ON "scratch"."outbox" USING btree ("created_at","id") WHERE "scratch"."outbox"."published_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_age" ON "scratch"."outbox" USING brin ("created_at");