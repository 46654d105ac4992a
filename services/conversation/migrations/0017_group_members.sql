CREATE TABLE "conversation"."group_members" (
	"tenant_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"address" text NOT NULL,
	"name" text,
	"phone" text,
	"is_admin" boolean DEFAULT false NOT NULL,
	"left_at" timestamp (3) with time zone,
	"told_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "group_members_tenant_id_contact_id_address_pk" PRIMARY KEY("tenant_id","contact_id","address")
);
--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "named_at" timestamp (3) with time zone;