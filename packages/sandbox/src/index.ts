export type { Behaviour, BehaviourPatch } from './behaviour.ts';
export { createSandboxControl, type SandboxControl } from './control/client.ts';
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
  ResetInput,
  ScriptInput,
} from './control/schemas.ts';
export type {
  LedgerAi,
  LedgerInbound,
  LedgerKind,
  LedgerMessage,
  LedgerPage,
  LedgerReceipt,
  LedgerRows,
  LedgerWebhook,
} from './ledger/rows.ts';
export type { CaughtMail } from './mail/mailbox.ts';
export type { WebhookEnd } from './meta/webhooks.ts';
export { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';
