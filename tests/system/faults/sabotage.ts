import type { ServiceName } from '@recado/contracts';
import postgres from 'postgres';
import type { Mesh } from '../../../infra/local/mesh.ts';

export interface Sabotage {
  what: string;
  /** Done to the running mesh. */
  run?: (mesh: Mesh) => Promise<void>;
  /** Given to services when they start. */
  envOf?: Partial<Record<ServiceName, Record<string, string>>>;
}

const ackEarly = { NODE_OPTIONS: `--import ${new URL('./ack-early.mjs', import.meta.url).href}` };

/**
 * Guarantees broken on purpose, by name: a fault run with one of them must go red, or it proves
 * nothing.
 */
export const SABOTAGE: Record<string, Sabotage> = {
  'unique-key': {
    what: 'dispatches have no unique keys any more: neither per message nor in flight per conversation',
    run: (mesh) =>
      withAdmin(mesh, async (sql) => {
        await sql`alter table channel_connector.dispatches drop constraint dispatches_tenant_id_message_id_pk`;
        // The second wall: with it a repeated row is stuck, not sent.
        await sql`drop index channel_connector.dispatches_in_flight`;
        await sql`create index dispatches_plain on channel_connector.dispatches (tenant_id, message_id)`;
      }),
  },
  'ack-early': {
    what: 'consumers acknowledge before they commit',
    envOf: { conversation: ackEarly, 'channel-connector': ackEarly },
  },
  'blind-retry': {
    what: 'a message whose reply was lost is queued again instead of becoming uncertain',
    run: (mesh) =>
      withAdmin(mesh, async (sql) => {
        await sql`
          create function channel_connector.sabotage() returns trigger language plpgsql
          as 'begin new.state := ''queued''; new.due_at := now(); return new; end'`;
        await sql`
          create trigger sabotage before update on channel_connector.dispatches for each row
          when (new.state = 'uncertain' and old.state = 'sending') execute function channel_connector.sabotage()`;
      }),
  },
  'lost-outbox': {
    what: 'one row in fifty of the outbox is never written',
    run: (mesh) =>
      withAdmin(mesh, async (sql) => {
        await sql`
          create function conversation.sabotage() returns trigger language plpgsql
          as 'begin if random() < 0.02 then return null; end if; return new; end'`;
        await sql`
          create trigger sabotage before insert on conversation.outbox for each row execute function conversation.sabotage()`;
      }),
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
