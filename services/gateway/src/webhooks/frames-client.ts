import {
  decodeRetryAfter,
  decodeStatuses,
  encodeFrames,
  FRAMES_CONTENT_TYPE,
  FRAMES_DEFER_HEADER,
  FRAMES_IN_PARTS_HEADER,
  FRAMES_PATH,
  FRAMES_RETRY_HEADER,
  type WebhookFrame,
} from '@recado/contracts';
import { type InternalTokens, serviceCaller, TooManyRequests, Unavailable } from '@recado/service-kit';
import { Pool } from 'undici';

export interface FramesClient {
  /**
   * Posts frames; one status each, for those of a limited number when it may try again.
   * @param inParts others shall not feel them: they are stored slowly
   * @throws Unavailable
   */
  send(frames: readonly WebhookFrame[], inParts?: boolean): Promise<(number | TooManyRequests)[]>;
  close(): Promise<void>;
}

export interface FramesClientOptions {
  connectorUrl: string;
  tokens: InternalTokens;
  timeoutMs: number;
  connections: number;
  /** Frames of channels that the connector has not met come back as FRAME_DEFERRED. */
  deferUnknown: boolean;
}

const NO_TENANT = '00000000-0000-0000-0000-000000000000';

/** Speaks `POST FRAMES_PATH` over connections of its own. */
export function createFramesClient(options: FramesClientOptions): FramesClient {
  const { connectorUrl, tokens, timeoutMs, connections, deferUnknown } = options;
  const base = new URL(connectorUrl);
  const pool = new Pool(base.origin, { connections, pipelining: 1, keepAliveTimeout: 20_000 });
  const path = base.pathname.replace(/\/$/, '') + FRAMES_PATH;
  const caller = serviceCaller('gateway', NO_TENANT);
  return {
    async send(frames, inParts = false) {
      try {
        const response = await pool.request({
          method: 'POST',
          path,
          headers: {
            'content-type': FRAMES_CONTENT_TYPE,
            authorization: `Bearer ${tokens.sign(caller, 'channel-connector')}`,
            ...(deferUnknown ? { [FRAMES_DEFER_HEADER]: '1' } : {}),
            ...(inParts ? { [FRAMES_IN_PARTS_HEADER]: '1' } : {}),
          },
          body: encodeFrames(frames),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
        });
        const answer = new Uint8Array(await response.body.arrayBuffer());
        if (response.statusCode !== 200) throw new Error(`The connector answered ${response.statusCode}`);
        const statuses = decodeStatuses(answer);
        if (statuses.length !== frames.length)
          throw new Error(`${statuses.length} statuses for ${frames.length} frames`);
        const retryAfter = response.headers[FRAMES_RETRY_HEADER];
        if (typeof retryAfter !== 'string') return statuses;
        const seconds = decodeRetryAfter(retryAfter);
        return statuses.map((status, i) => (seconds.has(i) ? new TooManyRequests(seconds.get(i)!) : status));
      } catch (error) {
        throw new Unavailable('channel-connector', error);
      }
    },
    close: () => pool.close(),
  };
}
