ALTER TABLE "conversation"."rules" ADD COLUMN "author_key_id" uuid;--> statement-breakpoint
ALTER TABLE "conversation"."scheduled_messages" ADD COLUMN "api_key_id" uuid;