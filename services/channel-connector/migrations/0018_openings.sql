CREATE TABLE "channel_connector"."opening_counts" (
	"tenant_id" uuid NOT NULL,
	"owner" text NOT NULL,
	"used" integer NOT NULL,
	"swept_at" timestamp with time zone NOT NULL,
	CONSTRAINT "opening_counts_tenant_id_owner_pk" PRIMARY KEY("tenant_id","owner")
);
--> statement-breakpoint
CREATE TABLE "channel_connector"."openings" (
	"tenant_id" uuid NOT NULL,
	"owner" text NOT NULL,
	"recipient" text NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"message_id" uuid,
	CONSTRAINT "openings_tenant_id_owner_recipient_pk" PRIMARY KEY("tenant_id","owner","recipient")
);
--> statement-breakpoint
CREATE INDEX "opening_counts_stale" ON "channel_connector"."opening_counts" USING btree ("swept_at") WHERE "channel_connector"."opening_counts"."used" > 0;--> statement-breakpoint
CREATE INDEX "openings_age" ON "channel_connector"."openings" USING btree ("tenant_id","owner","opened_at");--> statement-breakpoint
CREATE INDEX "openings_message" ON "channel_connector"."openings" USING btree ("tenant_id","message_id") WHERE "channel_connector"."openings"."message_id" is not null;