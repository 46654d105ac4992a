CREATE TABLE "identity"."invitations" (
	"tenant_id" uuid NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"email" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	CONSTRAINT "invitations_tenant_id_code_hash_pk" PRIMARY KEY("tenant_id","code_hash")
);
