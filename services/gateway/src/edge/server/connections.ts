import type { Server } from 'node:http';
import { Counter, type Registry } from '@recado/service-kit';
import { addressKey } from '../../limits/address.ts';
import { createProxyCheck } from './client-address.ts';

export interface ConnectionLimits {
  all: number;
  perAddress: number;
  /** Their connections are those of many clients. */
  proxies: readonly string[];
}

/** Bounds the open connections: of all by Node's own `maxConnections`, of an address here. */
export function capConnections(server: Server, limits: ConnectionLimits, registry: Registry): void {
  const refused = new Counter({
    name: 'recado_connections_refused_total',
    help: 'Connections closed at once, by the limit that was reached',
    labelNames: ['limit'],
    registers: [registry],
  });
  const isProxy = createProxyCheck(limits.proxies);
  const open = new Map<string, number>();
  server.maxConnections = limits.all;
  server.on('drop', () => refused.inc({ limit: 'all' }));
  server.on('connection', (socket) => {
    const { remoteAddress = '' } = socket;
    if (isProxy(remoteAddress)) return;
    const address = addressKey(remoteAddress);
    const count = (open.get(address) ?? 0) + 1;
    if (count > limits.perAddress) {
      refused.inc({ limit: 'address' });
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = open.get(address)! - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
