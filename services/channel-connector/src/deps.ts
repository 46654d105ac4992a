import type { TenantDirectory } from '@recado/database';
import type { BaseDeps } from '@recado/service';
import type { Sealer } from '@recado/service-kit';
import type { ChannelCheck } from './channels/checks/check.ts';
import type { CheckSoon } from './channels/checks/check-soon.ts';
import type { Directory } from './channels/directory.ts';
import type { ChannelTotals } from './channels/totals.ts';
import type { Config } from './config.ts';
import type { Pace } from './dispatches/pace/pace.ts';
import type { Sender } from './dispatches/sending/sender.ts';
import type { Converter } from './files/convert/converter.ts';
import type { Spool } from './files/spool.ts';
import type { Storage } from './files/storage/storage.ts';
import type { ConnectorMetrics } from './metrics.ts';
import type { Providers } from './providers/index.ts';
import type { TypingSigns } from './receipts/typing.ts';
import type { KnownEndpoints } from './webhook-endpoints/known.ts';
import type { InboundLimits } from './webhooks/inbound-limits.ts';
import type { StoreGroup } from './webhooks/store-group.ts';

export interface Deps extends BaseDeps<Config> {
  metrics: ConnectorMetrics;
  sealer: Sealer;
  directory: Directory;
  /** Plan and time zone of tenants. */
  tenants: TenantDirectory;
  providers: Providers;
  totals: ChannelTotals;
  check: ChannelCheck;
  checkSoon: CheckSoon;
  pace: Pace;
  sender: Sender;
  /** Webhooks that wait for their commit. */
  group: StoreGroup;
  inbound: InboundLimits;
  typing: TypingSigns;
  /** Tenants whose events go out as webhooks. */
  knownEndpoints: KnownEndpoints;
  /** The bytes of files. */
  storage: Storage;
  /** Files on their way, on this machine's disk. */
  spool: Spool;
  converter: Converter;
}

/** What jobs about files work with. */
export type FileDeps = Pick<
  Deps,
  'db' | 'workerDb' | 'log' | 'now' | 'storage' | 'spool' | 'converter' | 'metrics' | 'directory' | 'tenants' | 'sender'
>;
