DROP INDEX "conversation"."contact_identities_contact";--> statement-breakpoint
CREATE INDEX "contact_identities_of" ON "conversation"."contact_identities" USING btree ("contact_id","tenant_id");