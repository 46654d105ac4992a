DROP INDEX "identity"."notifications_unread_idx";--> statement-breakpoint
ALTER TABLE "identity"."notifications" ADD COLUMN "removed_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "notifications_unread_idx" ON "identity"."notifications" USING btree ("tenant_id","user_id") WHERE "identity"."notifications"."read_at" is null and "identity"."notifications"."removed_at" is null;