CREATE SCHEMA "scheduler";
--> statement-breakpoint
CREATE TABLE "scheduler"."dead_letters" (
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
CREATE TABLE "scheduler"."delivery_tries" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"tries" integer NOT NULL,
	"last_error" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "delivery_tries_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "scheduler"."inbox" (
	"consumer" text NOT NULL,
	"event_id" uuid NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);
--> statement-breakpoint
CREATE TABLE "scheduler"."outbox" (
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
CREATE TABLE "scheduler"."relay_state" (
	"stream" text PRIMARY KEY NOT NULL,
	"stream_created" text NOT NULL,
	"high_water" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "scheduler"."timers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"owner" text NOT NULL,
	"key" text NOT NULL,
	"fire_at" timestamp (3) with time zone NOT NULL,
	"state" text NOT NULL,
	"fired_at" timestamp (3) with time zone,
	"payload" jsonb NOT NULL,
	"event_time" timestamp (3) with time zone NOT NULL,
	"event_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "timers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letters_event" ON "scheduler"."dead_letters" USING btree ("consumer","event_id");--> statement-breakpoint
CREATE INDEX "dead_letters_parked" ON "scheduler"."dead_letters" USING btree ("consumer","parked_at") WHERE "scheduler"."dead_letters"."replayed_at" is null;--> statement-breakpoint
CREATE INDEX "inbox_age" ON "scheduler"."inbox" USING brin ("claimed_at");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_dedupe" ON "scheduler"."outbox" USING btree ("tenant_id","dedupe_key") WHERE "scheduler"."outbox"."dedupe_key" is not null;--> statement-breakpoint
CREATE INDEX "outbox_unsent" ON "scheduler"."outbox" USING btree ("created_at","id") WHERE "scheduler"."outbox"."published_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_age" ON "scheduler"."outbox" USING brin ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "timers_key" ON "scheduler"."timers" USING btree ("tenant_id","owner","key");--> statement-breakpoint
CREATE INDEX "timers_due" ON "scheduler"."timers" USING btree ("fire_at") WHERE "scheduler"."timers"."state" = 'armed';--> statement-breakpoint
CREATE INDEX "timers_due_of_tenant" ON "scheduler"."timers" USING btree ("tenant_id","fire_at") WHERE "scheduler"."timers"."state" = 'armed';--> statement-breakpoint
CREATE INDEX "timers_list" ON "scheduler"."timers" USING btree ("tenant_id","fire_at","id");--> statement-breakpoint
CREATE INDEX "timers_done" ON "scheduler"."timers" USING btree ("updated_at") WHERE "scheduler"."timers"."state" <> 'armed';