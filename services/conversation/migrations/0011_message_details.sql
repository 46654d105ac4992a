ALTER TABLE "conversation"."messages" ADD COLUMN "details" jsonb;--> statement-breakpoint
ALTER TABLE "conversation"."pending_statuses" ADD COLUMN "details" jsonb;