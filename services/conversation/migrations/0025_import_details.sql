ALTER TABLE "conversation"."import_errors" ADD COLUMN "params" jsonb;--> statement-breakpoint
ALTER TABLE "conversation"."imports" ADD COLUMN "owner" uuid;