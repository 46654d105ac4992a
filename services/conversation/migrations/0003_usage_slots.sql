ALTER TABLE "conversation"."usage_months" ADD COLUMN "slot" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversation"."usage_months" DROP CONSTRAINT "usage_months_tenant_id_month_pk";--> statement-breakpoint
ALTER TABLE "conversation"."usage_months" ADD CONSTRAINT "usage_months_tenant_id_month_slot_pk" PRIMARY KEY("tenant_id","month","slot");
