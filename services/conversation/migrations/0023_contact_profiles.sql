CREATE TABLE "conversation"."contact_tags" (
	"tenant_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"tag_id" uuid NOT NULL,
	"added_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "contact_tags_tenant_id_contact_id_tag_id_pk" PRIMARY KEY("tenant_id","contact_id","tag_id")
);
--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "first_name" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "last_name" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "company" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "city" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "country" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "lead_status" text DEFAULT 'new' NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "lead_score" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "ltv" numeric(16, 2) DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "total_purchases" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "last_purchase_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "segment" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "notes" text;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "custom_fields" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."contacts" ADD COLUMN "blocked_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "contact_tags_of" ON "conversation"."contact_tags" USING btree ("tenant_id","tag_id","contact_id");--> statement-breakpoint
CREATE INDEX "contacts_lead_status" ON "conversation"."contacts" USING btree ("tenant_id","lead_status","id") WHERE "conversation"."contacts"."lead_status" <> 'new';--> statement-breakpoint
CREATE INDEX "contacts_segment" ON "conversation"."contacts" USING btree ("tenant_id","segment","id") WHERE "conversation"."contacts"."segment" is not null;