CREATE TABLE "channel_connector"."group_look_ups" (
	"tenant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"group_id" text NOT NULL,
	"ordered_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "group_look_ups_tenant_id_channel_id_group_id_pk" PRIMARY KEY("tenant_id","channel_id","group_id")
);
--> statement-breakpoint
CREATE INDEX "group_look_ups_age" ON "channel_connector"."group_look_ups" USING brin ("ordered_at");