CREATE TABLE "analytics"."audit_log" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"actor_kind" text NOT NULL,
	"user_id" uuid,
	"api_key_id" uuid,
	"service" text,
	"action" text NOT NULL,
	"entity_type" text NOT NULL,
	"entity_id" text,
	"changes" jsonb,
	"success" boolean NOT NULL,
	"reason" text,
	"ip" text,
	"user_agent" text,
	"edition" text,
	"request_id" text,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "audit_log_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE INDEX "audit_log_time" ON "analytics"."audit_log" USING btree ("tenant_id","at","id");--> statement-breakpoint
CREATE INDEX "audit_log_user" ON "analytics"."audit_log" USING btree ("tenant_id","user_id","at","id") WHERE "analytics"."audit_log"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "audit_log_action" ON "analytics"."audit_log" USING btree ("tenant_id","action","at","id");--> statement-breakpoint
CREATE INDEX "audit_log_type" ON "analytics"."audit_log" USING btree ("tenant_id","entity_type","at","id");--> statement-breakpoint
CREATE INDEX "audit_log_entity" ON "analytics"."audit_log" USING btree ("tenant_id","entity_id","at","id") WHERE "analytics"."audit_log"."entity_id" is not null;--> statement-breakpoint
CREATE INDEX "audit_log_failures" ON "analytics"."audit_log" USING btree ("tenant_id","at","id") WHERE not "analytics"."audit_log"."success";--> statement-breakpoint
CREATE INDEX "audit_log_age" ON "analytics"."audit_log" USING brin ("at");