export { createCache } from './cache.ts';
export { type Access, isAllowed } from './callers/access.ts';
export * from './callers/caller.ts';
export { createIdentitySource, type IdentitySource } from './callers/identity-source.ts';
export { type InternalKeyConfig, publicKeyText } from './callers/internal-keys.ts';
export { createInternalTokens, type InternalTokens } from './callers/internal-tokens.ts';
export { ownerSeenBy } from './callers/own-resources.ts';
export {
  type CallContext,
  CLIENT_AGENT_HEADER,
  CLIENT_IP_HEADER,
  type Client,
  type ClientOptions,
  type ClientOrigin,
  createClient,
  remoteError,
} from './calls/client.ts';
export * from './calls/guarded-fetch.ts';
export { cutText } from './cut-text.ts';
export { decodeCursor, encodeCursor, keysetPage, type Slice, timeAndId, type Walk, walkOf } from './http/cursors.ts';
export {
  type Described,
  type DocumentOptions,
  documentOf,
  type OpenApiDocument,
  useDocument,
} from './http/documents.ts';
export * from './http/errors.ts';
export { buildHttp, type HttpOptions, type Kit, logError, sendError } from './http/http.ts';
export { refuseUnstorable, useStrictJson } from './http/json.ts';
export {
  contextOf,
  type Handler,
  type HandlerInput,
  originOf,
  requireCaller,
  serve,
  successStatus,
} from './http/serve.ts';
export { compilerOf, fieldErrors, ownCode, type Part, schemaOf, zodCompilers } from './http/validate.ts';
export { createLogger, type Log, type Logger, type LoggerOptions, lazyLog, prettyLine } from './observe/logger.ts';
export * from './observe/metrics.ts';
export { redact, scrub, serializeError } from './observe/redact.ts';
export * from './observe/trace-context.ts';
export { startTracing } from './observe/tracing.ts';
export { type Closing, createClosing } from './process/closing.ts';
export * from './process/config.ts';
export {
  createProcessBase,
  defineProcess,
  type ProcessBase,
  type ProcessConfig,
  type RunningProcess,
} from './process/define-process.ts';
export {
  acceptingChecks,
  answers,
  type CheckResult,
  checkReadiness,
  type Readiness,
  type ReadyChecks,
  shareCheck,
  watchUses,
} from './process/health.ts';
export { answerWithin } from './process/own-time.ts';
export { checkRedisWrite, type ServiceParts, serviceChecks } from './process/service-checks.ts';
export { type Running, type RunOptions, runMain, type StopStep, stopInOrder } from './process/shutdown.ts';
export { createGroup, type Group, type GroupOptions, type Settle } from './queues/group-commit.ts';
export { createKeyedSemaphore, type KeyedSemaphore } from './queues/keyed-semaphore.ts';
export { createSealer, SealError, type Sealer } from './seal.ts';
