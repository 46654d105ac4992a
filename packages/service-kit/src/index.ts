export { type Access, isAllowed } from './access.ts';
export { createCache } from './cache.ts';
export * from './caller.ts';
export {
  type CallContext,
  CLIENT_AGENT_HEADER,
  CLIENT_IP_HEADER,
  type Client,
  type ClientOptions,
  type ClientOrigin,
  createClient,
  remoteError,
} from './client.ts';
export { type Closing, createClosing } from './closing.ts';
export * from './config.ts';
export { decodeCursor, encodeCursor, keysetPage, type Slice, timeAndId, type Walk, walkOf } from './cursors.ts';
export { cutText } from './cut-text.ts';
export {
  createProcessBase,
  defineProcess,
  type ProcessBase,
  type ProcessConfig,
  type RunningProcess,
} from './define-process.ts';
export {
  type Described,
  type DocumentOptions,
  documentOf,
  type OpenApiDocument,
  useDocument,
} from './documents.ts';
export * from './errors.ts';
export { createFairSemaphore, type FairSemaphore, type FairSemaphoreOptions } from './fair-semaphore.ts';
export { createGroup, type Group, type GroupOptions, type Settle } from './group-commit.ts';
export * from './guarded-fetch.ts';
export {
  acceptingChecks,
  answers,
  type CheckResult,
  checkReadiness,
  type Readiness,
  type ReadyChecks,
  shareCheck,
  watchUses,
} from './health.ts';
export { buildHttp, type HttpOptions, type Kit, logError, sendError } from './http.ts';
export { createIdentitySource, type IdentitySource } from './identity-source.ts';
export { type InternalKeyConfig, publicKeyText } from './internal-keys.ts';
export { createInternalTokens, type InternalTokens } from './internal-tokens.ts';
export { refuseUnstorable, useStrictJson } from './json.ts';
export { createKeyedSemaphore, type KeyedSemaphore } from './keyed-semaphore.ts';
export { createLogger, type Log, type Logger, type LoggerOptions, lazyLog, prettyLine } from './logger.ts';
export * from './metrics.ts';
export { ownerSeenBy } from './own-resources.ts';
export { answerWithin } from './own-time.ts';
export { redact, scrub, serializeError } from './redact.ts';
export { createSealer, SealError, type Sealer } from './seal.ts';
export { contextOf, type Handler, type HandlerInput, originOf, requireCaller, serve, successStatus } from './serve.ts';
export { checkRedisWrite, type ServiceParts, serviceChecks } from './service-checks.ts';
export { type Running, type RunOptions, runMain, type StopStep, stopInOrder } from './shutdown.ts';
export * from './trace-context.ts';
export { startTracing } from './tracing.ts';
export { compilerOf, fieldErrors, ownCode, type Part, schemaOf, zodCompilers } from './validate.ts';
