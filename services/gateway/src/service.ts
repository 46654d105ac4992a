import { defineProcess } from '@recado/service-kit';
import { buildApp } from './app.ts';
import type { GatewayConfig } from './config.ts';
import { createDeps } from './create-deps.ts';
import type { GatewayDeps } from './deps.ts';
import { attachRealtime } from './realtime/attach.ts';

export const startGateway = defineProcess<GatewayConfig, GatewayDeps>('gateway', (base, closing) => {
  const deps = createDeps(base, closing);
  const app = buildApp(deps);
  const realtime = attachRealtime(app, deps);
  closing.beforeHttp('realtime', () => realtime.stop());
  Object.assign(deps.ready, realtime.ready);
  return { deps, app };
});
