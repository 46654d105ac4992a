CREATE TABLE "ai_responder"."conversation_turns" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"last_inbound_id" uuid,
	"last_inbound_at" timestamp (3) with time zone,
	"working_id" uuid,
	"answers" timestamp (3) with time zone[] DEFAULT '{}' NOT NULL,
	"handed_off_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversation_turns_tenant_id_conversation_id_pk" PRIMARY KEY("tenant_id","conversation_id")
);
--> statement-breakpoint
ALTER TABLE "ai_responder"."pending_replies" ADD COLUMN "burst_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "conversation_turns_age" ON "ai_responder"."conversation_turns" USING btree ("updated_at");