CREATE TABLE "scheduler"."outbox_keys" (
	"tenant_id" uuid NOT NULL,
	"key" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_keys_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
-- Keys the version before wrote beside its events still count. Before outbox is altered, so that it is locked for a moment only;
-- an owner who is no superuser would see no row while row security is forced.
DO $$
DECLARE hidden boolean := row_security_active('"scheduler"."outbox"');
BEGIN
	IF hidden THEN ALTER TABLE "scheduler"."outbox" NO FORCE ROW LEVEL SECURITY; END IF;
	INSERT INTO "scheduler"."outbox_keys" ("tenant_id", "key", "created_at")
	SELECT "tenant_id", encode(substr(sha256(convert_to("dedupe_key", 'UTF8')), 1, 16), 'hex')::uuid, "created_at"
	FROM "scheduler"."outbox" WHERE "dedupe_key" IS NOT NULL
	ON CONFLICT DO NOTHING;
	IF hidden THEN ALTER TABLE "scheduler"."outbox" FORCE ROW LEVEL SECURITY; END IF;
END $$;
--> statement-breakpoint
ALTER TABLE "scheduler"."delivery_tries" ADD COLUMN "tenant_id" uuid;--> statement-breakpoint
ALTER TABLE "scheduler"."delivery_tries" ADD COLUMN "subject" text;--> statement-breakpoint
ALTER TABLE "scheduler"."delivery_tries" ADD COLUMN "envelope" text;--> statement-breakpoint
ALTER TABLE "scheduler"."delivery_tries" ADD COLUMN "next_try_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "scheduler"."inbox" ADD COLUMN "whole" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "scheduler"."outbox" ADD COLUMN "events" smallint DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE INDEX "outbox_keys_age" ON "scheduler"."outbox_keys" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "delivery_tries_due" ON "scheduler"."delivery_tries" USING btree ("consumer","next_try_at") WHERE "scheduler"."delivery_tries"."next_try_at" is not null;