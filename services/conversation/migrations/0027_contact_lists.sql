CREATE EXTENSION IF NOT EXISTS pg_trgm;--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS btree_gin;--> statement-breakpoint
-- What a search looks through, folded as packages/database/src/search.ts folds what is looked for. Each word follows a
-- space. `translate` is slow, so ASCII does without. `lower` of a C locale leaves accented capitals.
CREATE FUNCTION "conversation"."contact_text"(name text, company text, email text, username text, phone text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ' ' ||
	CASE WHEN octet_length(name) = char_length(name) THEN lower(name)
		ELSE coalesce(translate(lower(name), U&'\00E1\00E0\00E2\00E3\00E4\00E5\00E7\00E9\00E8\00EA\00EB\00ED\00EC\00EE\00EF\00F1\00F3\00F2\00F4\00F5\00F6\00FA\00F9\00FB\00FC\00FD\00FF\00C1\00C0\00C2\00C3\00C4\00C5\00C7\00C9\00C8\00CA\00CB\00CD\00CC\00CE\00CF\00D1\00D3\00D2\00D4\00D5\00D6\00DA\00D9\00DB\00DC\00DD\0178\0300\0301\0302\0303\0308\0327', 'aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyy'), '') END || ' ' ||
	CASE WHEN octet_length(company) = char_length(company) THEN lower(company)
		ELSE coalesce(translate(lower(company), U&'\00E1\00E0\00E2\00E3\00E4\00E5\00E7\00E9\00E8\00EA\00EB\00ED\00EC\00EE\00EF\00F1\00F3\00F2\00F4\00F5\00F6\00FA\00F9\00FB\00FC\00FD\00FF\00C1\00C0\00C2\00C3\00C4\00C5\00C7\00C9\00C8\00CA\00CB\00CD\00CC\00CE\00CF\00D1\00D3\00D2\00D4\00D5\00D6\00DA\00D9\00DB\00DC\00DD\0178\0300\0301\0302\0303\0308\0327', 'aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyy'), '') END || ' ' ||
	coalesce(lower(email), '') || ' ' || coalesce(lower(username), '') || ' ' || coalesce(phone, '');--> statement-breakpoint
CREATE TABLE "conversation"."custom_field_definitions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"key" text NOT NULL,
	"label" text NOT NULL,
	"type" text NOT NULL,
	"options" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "custom_field_definitions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "custom_field_key" ON "conversation"."custom_field_definitions" USING btree ("tenant_id","key");--> statement-breakpoint
CREATE INDEX "contacts_company" ON "conversation"."contacts" USING btree ("tenant_id","company","id") WHERE "conversation"."contacts"."company" is not null;--> statement-breakpoint
CREATE INDEX "contacts_city" ON "conversation"."contacts" USING btree ("tenant_id","city","id") WHERE "conversation"."contacts"."city" is not null;--> statement-breakpoint
CREATE INDEX "contacts_blocked" ON "conversation"."contacts" USING btree ("tenant_id","id") WHERE "conversation"."contacts"."blocked_at" is not null;--> statement-breakpoint
CREATE INDEX "contacts_by_name" ON "conversation"."contacts" USING btree ("tenant_id",(coalesce("name", '') collate "und-x-icu"),"id");--> statement-breakpoint
CREATE INDEX "contacts_by_score" ON "conversation"."contacts" USING btree ("tenant_id","lead_score","id");--> statement-breakpoint
CREATE INDEX "contacts_text" ON "conversation"."contacts" USING gin ("tenant_id","conversation"."contact_text"("name","company","email","username","phone") gin_trgm_ops) WITH (gin_pending_list_limit = 256);--> statement-breakpoint
-- Row level security lets no statement of the tenant's role use a trigram index. This one has the worker role's rights
-- (secure-schema.ts) and names the tenant of the transaction itself.
CREATE FUNCTION "conversation"."find_contacts"(pattern text, most integer)
RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = conversation, pg_temp
BEGIN ATOMIC
	SELECT k.id FROM "conversation"."contacts" k
	WHERE k.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
		AND "conversation"."contact_text"(k.name, k.company, k.email, k.username, k.phone) LIKE pattern
	LIMIT most;
END;
