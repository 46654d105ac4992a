CREATE TABLE "conversation"."group_contacts" (
	"tenant_id" uuid NOT NULL,
	"group_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"added_by" uuid,
	"added_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "group_contacts_tenant_id_group_id_contact_id_pk" PRIMARY KEY("tenant_id","group_id","contact_id")
);
--> statement-breakpoint
CREATE TABLE "conversation"."groups" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "groups_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "created_by" uuid;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "is_active" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "entered_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "group_contacts_of" ON "conversation"."group_contacts" USING btree ("tenant_id","contact_id");--> statement-breakpoint
CREATE INDEX "groups_created_by" ON "conversation"."groups" USING btree ("tenant_id","created_by","id");--> statement-breakpoint
CREATE INDEX "contacts_created_by" ON "conversation"."contacts" USING btree ("tenant_id","created_by","id") WHERE "conversation"."contacts"."created_by" is not null;