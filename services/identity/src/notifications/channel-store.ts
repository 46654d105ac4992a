import type { Tx } from '@recado/database';
import type { ChannelState } from './channel-rules.ts';

export interface KnownChannel {
  state: ChannelState;
  at: Date;
}

/** Locks the known state of a channel, and creates it first for a new channel. Worker role. */
export async function lockChannel(tx: Tx, tenantId: string, channelId: string): Promise<KnownChannel> {
  await tx`
    insert into channel_states (tenant_id, channel_id, state, at)
    values (${tenantId}, ${channelId}, 'unconnected', 'epoch') on conflict do nothing`;
  const [row] = await tx<KnownChannel[]>`
    select state, at from channel_states
    where tenant_id = ${tenantId} and channel_id = ${channelId} for update`;
  return row!;
}

export const saveChannel = (tx: Tx, tenantId: string, channelId: string, { state, at }: KnownChannel) => tx`
  update channel_states set state = ${state}, at = ${at} where tenant_id = ${tenantId} and channel_id = ${channelId}`;
