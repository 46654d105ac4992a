import { APIError } from 'openai/core/error';

/** Why a call of the model gave nothing. `stopped`: we gave it up ourselves. */
export type FailureKind = 'timeout' | 'busy' | 'broken' | 'refused' | 'stopped';

export class ModelFailure extends Error {
  override readonly name = 'ModelFailure';
  readonly kind: FailureKind;
  /** Milliseconds the model's server asked us to wait. */
  readonly retryAfterMs: number;

  constructor(kind: FailureKind, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }

  /**
   * Whether the same call may go well later: everything but a refusal, which would be the same
   * again.
   */
  get passing(): boolean {
    return this.kind !== 'refused';
  }
}

const MAX_RETRY_AFTER_MS = 60_000;

/** What an error of the SDK or of the connection means. */
export function failureOf(error: unknown): ModelFailure {
  if (error instanceof ModelFailure) return error;
  if (error instanceof APIError && typeof error.status === 'number') {
    const { status } = error;
    const kind =
      status === 408 ? 'timeout' : status === 429 || status === 503 ? 'busy' : status >= 500 ? 'broken' : 'refused';
    // OpenAI says 429 also when the account has no credit left: waiting doesn't help there.
    const final = error.code === 'insufficient_quota' ? 'refused' : kind;
    return new ModelFailure(final, `The model answered ${status}`, {
      cause: error,
      retryAfterMs: retryAfter(error.headers?.get('retry-after')),
    });
  }
  if (isPrivateAddress(error))
    return new ModelFailure('refused', 'The model’s address is not public', { cause: error });
  return new ModelFailure('broken', 'The model could not be reached or did not answer with JSON', { cause: error });
}

function isPrivateAddress(error: unknown): boolean {
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if ('code' in e && e.code === 'ERR_PRIVATE_ADDRESS') return true;
  }
  return false;
}

function retryAfter(seconds: string | null | undefined): number {
  const ms = Number(seconds) * 1000;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : 0;
}
