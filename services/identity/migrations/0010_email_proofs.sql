CREATE TABLE "identity"."email_proofs" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"sealed_token" text,
	"wrong_codes" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "email_proofs_tenant_id_pk" PRIMARY KEY("tenant_id")
);
--> statement-breakpoint
CREATE TABLE "identity"."mails" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"recipient" text NOT NULL,
	"language" text NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"failed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "mails_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "identity"."tenants" ADD COLUMN "unproved_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "claimed_email" text;--> statement-breakpoint
ALTER TABLE "identity"."email_proofs" ADD CONSTRAINT "email_proofs_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "identity"."users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity"."mails" ADD CONSTRAINT "mails_tenant_id_tenants_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "identity"."tenants"("tenant_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mails_due_idx" ON "identity"."mails" USING btree ("next_try_at") WHERE "identity"."mails"."sent_at" is null and "identity"."mails"."failed_at" is null;--> statement-breakpoint
CREATE INDEX "mails_recipient_idx" ON "identity"."mails" USING btree ("recipient","created_at");--> statement-breakpoint
CREATE INDEX "tenants_unproved_idx" ON "identity"."tenants" USING btree ("unproved_until") WHERE "identity"."tenants"."unproved_until" is not null;--> statement-breakpoint
CREATE INDEX "users_claimed_email_idx" ON "identity"."users" USING btree ("claimed_email") WHERE "identity"."users"."claimed_email" is not null;