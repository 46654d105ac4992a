ALTER TABLE "identity"."refresh_tokens" ADD COLUMN "successor_salt" "bytea";--> statement-breakpoint
ALTER TABLE "identity"."refresh_tokens" ADD COLUMN "successor_hash" "bytea";