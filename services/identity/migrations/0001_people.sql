CREATE TABLE "identity"."agent_status_changes" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"agent_status" text NOT NULL,
	"reason" text,
	"changed_by" uuid,
	"at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "agent_status_changes_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "identity"."channel_states" (
	"tenant_id" uuid NOT NULL,
	"channel_id" uuid NOT NULL,
	"state" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "channel_states_tenant_id_channel_id_pk" PRIMARY KEY("tenant_id","channel_id")
);
--> statement-breakpoint
CREATE TABLE "identity"."notifications" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"params" jsonb NOT NULL,
	"related_entity_type" text,
	"related_entity_id" text,
	"source_event_id" uuid NOT NULL,
	"read_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "notifications_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "identity"."roles" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"display_name" text NOT NULL,
	"base_role" text NOT NULL,
	"permissions" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "roles_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
DROP INDEX "identity"."users_email_key";--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "custom_role_id" uuid;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "agent_status_reason" text;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "agent_status_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "two_factor_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "identity"."users" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "identity"."agent_status_changes" ADD CONSTRAINT "agent_status_changes_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "identity"."users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity"."notifications" ADD CONSTRAINT "notifications_tenant_id_user_id_users_tenant_id_id_fk" FOREIGN KEY ("tenant_id","user_id") REFERENCES "identity"."users"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity"."roles" ADD CONSTRAINT "roles_tenant_id_tenants_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "identity"."tenants"("tenant_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_status_changes_user_idx" ON "identity"."agent_status_changes" USING btree ("tenant_id","user_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "agent_status_changes_open_key" ON "identity"."agent_status_changes" USING btree ("tenant_id","user_id") WHERE "identity"."agent_status_changes"."ended_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "notifications_source_key" ON "identity"."notifications" USING btree ("tenant_id","user_id","source_event_id");--> statement-breakpoint
CREATE INDEX "notifications_user_idx" ON "identity"."notifications" USING btree ("tenant_id","user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "notifications_unread_idx" ON "identity"."notifications" USING btree ("tenant_id","user_id") WHERE "identity"."notifications"."read_at" is null;--> statement-breakpoint
CREATE INDEX "notifications_age_idx" ON "identity"."notifications" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "roles_name_key" ON "identity"."roles" USING btree ("tenant_id","name");--> statement-breakpoint
ALTER TABLE "identity"."users" ADD CONSTRAINT "users_tenant_id_custom_role_id_roles_tenant_id_id_fk" FOREIGN KEY ("tenant_id","custom_role_id") REFERENCES "identity"."roles"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "users_custom_role_idx" ON "identity"."users" USING btree ("tenant_id","custom_role_id") WHERE "identity"."users"."custom_role_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "identity"."users" USING btree ("email") WHERE "identity"."users"."deleted_at" is null;