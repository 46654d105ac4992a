export type { Behaviour, BehaviourPatch } from './behaviour.ts';
export { createSandboxControl, type SandboxControl, type SessionControl } from './control/client.ts';
export type { FloodState } from './control/floods.ts';
export type { NumberAnswer, SandboxState } from './control/routes.ts';
export type {
  CustomerBatch,
  CustomerKind,
  CustomerMessage,
  CustomerSays,
  FloodInput,
  LedgerFilter,
  NumberInput,
  RawWebhook,
  ReceiverPlanInput,
  ResetInput,
  ScriptInput,
} from './control/schemas.ts';
export type {
  DisconnectInput,
  ScanInput,
  SessionEvent,
  SessionMessage,
  SessionView,
} from './control/session-schemas.ts';
export type {
  LedgerAi,
  LedgerInbound,
  LedgerKind,
  LedgerMessage,
  LedgerPage,
  LedgerReceipt,
  LedgerRows,
  LedgerSend,
  LedgerWebhook,
  WebProvider,
} from './ledger/rows.ts';
export type { CaughtMail } from './mail/mailbox.ts';
export type { WebhookEnd } from './meta/webhooks.ts';
export type { ReceivedWebhook } from './receivers/receivers.ts';
export { type S3Sandbox, startS3 } from './s3/server.ts';
export { EVOLUTION_KEY, type Sandbox, type SandboxOptions, startSandbox, WPPCONNECT_SECRET } from './sandbox.ts';
