import postgres from 'postgres';
import type { Mesh } from '../../infra/local/mesh.ts';

/** Guarantees broken on purpose, by name: a fault run with one of them must go red, or it proves nothing. */
export const SABOTAGE: Record<string, { what: string; run: (mesh: Mesh) => Promise<void> }> = {
  'unique-key': {
    what: 'the unique key of inbound messages is gone (a plain index takes its place)',
    run: async (mesh) => {
      await withAdmin(mesh, async (sql) => {
        const indexes = await sql<{ name: string }[]>`
          select indexname as name from pg_indexes
          where schemaname = 'conversation' and tablename = 'messages' and indexdef like '%UNIQUE%' and indexdef like '%provider_message_id%'`;
        if (indexes.length === 0) throw new Error('The unique key was not found');
        for (const { name } of indexes) await sql`drop index conversation.${sql(name)}`;
        // The outbox's own key guards the same door one step earlier: it goes too, as if nobody had thought of either.
        await sql`drop index channel_connector.outbox_dedupe`;
      });
    },
  },
  'lost-outbox': {
    what: 'rows of the outbox are marked as published without having been (what an acknowledgement before the commit amounts to)',
    run: async (mesh) => {
      await withAdmin(mesh, async (sql) => {
        await sql`create function conversation.sabotage() returns trigger language plpgsql as 'begin if random() < 0.02 then new.published_at := now(); end if; return new; end'`;
        await sql`create trigger sabotage before insert on conversation.outbox for each row execute function conversation.sabotage()`;
      });
    },
  },
};

async function withAdmin(mesh: Mesh, work: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(mesh.servers.databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
