import type { KeyObject } from 'node:crypto';
import type { PlanName, WebhookFrame } from '@recado/contracts';
import type { Caller } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';

/** What tests ask of the fakes, and tell them to do. */
export interface FakeServices {
  url: string;
  key: { kid: string; privateKey: KeyObject; publicKey: KeyObject };
  /** Internal calls in order: `METHOD path?query`. */
  calls: string[];
  /** The same with what came along, for tests that look at it. */
  asked: { call: string; ip: string | undefined; userAgent: string | undefined; idempotencyKey: string | undefined }[];
  /** Who asked on those calls that carried a caller. */
  callers: Caller[];
  /** Plans of tenants other than the sample tenant. */
  plans: Map<string, PlanName>;
  /** Tenants whose e-mail is not proved. */
  unproved: Set<string>;
  /** What identity does instead of naming a tenant; tests break it. */
  beforeTenant: () => Promise<unknown>;
  /** API keys identity knows. */
  apiKeys: Map<string, { apiKeyId: string; tenantId: string; permissions: string[]; expiresAt: string | null }>;
  /** Sessions and keys that identity calls over; null: identity cannot say. */
  ended: Set<string> | null;
  /** Whether lists of chats and groups, and the usage, say that they counted no further. */
  isCapped: boolean;
  /** Awaited before a message is sent; tests hold or break sends with it. */
  beforeSend: () => Promise<unknown>;
  /** Awaited before users are listed; tests hold a tenant's with it. */
  beforeUsers: (tenantId: string) => Promise<unknown>;
  /** Requests of frames; each an array of frames. */
  batches: WebhookFrame[][];
  /** Decides a frame's status; tests replace it. */
  frameStatus: (frame: WebhookFrame) => number;
  /** The header that tells when limited frames may come again. */
  framesRetryAfter: string | null;
  /** Awaited before frames are answered; tests hold requests with it. */
  beforeFrames: () => Promise<unknown>;
  app: FastifyInstance;
}
