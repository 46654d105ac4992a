import { connectBus, PUBLISHERS, streamName } from '@recado/messaging';
import type { SandboxControl } from '@recado/sandbox';
import { createLogger } from '@recado/service-kit';
import type postgres from 'postgres';
import type { Mesh } from '../infra/local/mesh.ts';
import { until } from '../tests/support/api.ts';
import { createTenant } from '../tests/support/tenant.ts';
import { quiet } from './cost.ts';

/**
 * Bytes that one AI exchange leaves in each stream: question, answer and ticks. The default sizes
 * in packages/messaging/src/jetstream/streams.ts are made from these figures.
 */
export async function benchStreamBytes(mesh: Mesh, sql: postgres.Sql, sandbox: SandboxControl, exchanges: number) {
  await sandbox.setBehaviour({ statuses: { sentMs: 10, deliveredMs: 30, readMs: 60 } });
  const tenant = await createTenant(mesh.urls.gateway, sandbox, { ai: true });
  await quiet(mesh);
  const before = await streamBytes(mesh);
  for (let i = 0; i < exchanges; i++) {
    await sandbox.customerSays({
      phoneNumberId: tenant.number.phoneNumberId,
      from: `5731550${String(i).padStart(5, '0')}`,
      name: `Cliente ${i}`,
      text: 'Hola, necesito información sobre los precios de los productos que vi en la página, gracias.',
      wait: true,
    });
  }
  await until(
    'every answer to be read',
    async () => {
      const [row] = await sql<{ read: number }[]>`
        select count(*)::int as read from conversation.messages
        where tenant_id = ${tenant.tenantId} and direction = 'outbound' and status = 'read'`;
      return row!.read >= exchanges ? row : null;
    },
    120_000,
  );
  await quiet(mesh);
  const after = await streamBytes(mesh);
  console.log(`Bytes of ${exchanges} AI exchanges, each of them alone, by stream`);
  for (const [stream, bytes] of after) {
    console.log(`${stream.padEnd(28)}${((bytes - before.get(stream)!) / exchanges).toFixed(0).padStart(8)}`);
  }
}

async function streamBytes(mesh: Mesh): Promise<Map<string, number>> {
  const bus = await connectBus({ url: mesh.servers.natsUrl, name: 'bench', log: createLogger({ name: 'bench' }) });
  try {
    const sizes = new Map<string, number>();
    for (const service of PUBLISHERS) {
      const info = await bus.findStream(streamName(service));
      sizes.set(streamName(service), info?.state.bytes ?? 0);
    }
    return sizes;
  } finally {
    await bus.close();
  }
}
