CREATE TABLE "conversation"."former_identities" (
	"tenant_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"value" text NOT NULL,
	"contact_id" uuid NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "former_identities_tenant_id_kind_value_contact_id_pk" PRIMARY KEY("tenant_id","kind","value","contact_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."group_participants" (
	"tenant_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"address" text NOT NULL,
	"name" text,
	"phone" text,
	"last_message_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "group_participants_tenant_id_contact_id_address_pk" PRIMARY KEY("tenant_id","contact_id","address")
);
--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "username" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "group_address" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "marketing_stopped_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "marketing_changed_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "former_identities_of" ON "conversation"."former_identities" USING btree ("contact_id","tenant_id");