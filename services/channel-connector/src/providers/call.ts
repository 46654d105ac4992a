import type { Dispatcher } from 'undici';

/** How an HTTP call ended, typed so that no caller can mistake "lost" for "not sent". */
export type CallOutcome =
  /** A complete answer. */
  | { kind: 'answered'; status: number; body: Buffer }
  /** No byte of the request was written: it may be made again. */
  | { kind: 'not-sent'; error: Error }
  /** The request may have arrived, but no complete answer came back. */
  | { kind: 'lost'; error: Error };

export interface Call {
  origin: string;
  path: string;
  method: 'GET' | 'POST' | 'DELETE';
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
}

/** Answers of an API are small; one without an end must not fill the memory. */
const MAX_ANSWER = 1024 * 1024;

/**
 * One HTTP call that never rejects, without redirects and retries. It watches undici's "request
 * starts", because a reset has one code for the handshake and for the answer.
 */
export function callOnce(dispatcher: Dispatcher, call: Call): Promise<CallOutcome> {
  return new Promise((resolve) => {
    let started = false;
    let ended = false;
    let status = 0;
    let size = 0;
    const chunks: Buffer[] = [];
    let controller: Dispatcher.DispatchController | undefined;

    const end = (outcome: CallOutcome) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      resolve(outcome);
    };
    const fail = (error: Error) => end({ kind: started ? 'lost' : 'not-sent', error });
    const timer = setTimeout(() => {
      const error = new Error(`No answer within ${call.timeoutMs} ms`);
      fail(error);
      controller?.abort(error);
    }, call.timeoutMs);

    dispatcher.dispatch(
      { origin: call.origin, path: call.path, method: call.method, headers: call.headers, body: call.body ?? null },
      {
        onRequestStart(given) {
          controller = given;
          // The deadline passed while it waited for a connection (then nothing may be written any
          // more), or undici would write it a second time on a new connection.
          if (ended || started) return given.abort(new Error('Given up before it was written'));
          started = true;
        },
        onResponseStart(_controller, statusCode) {
          // Early hints and the like come before the answer.
          if (statusCode >= 200) status = statusCode;
        },
        onResponseData(given, chunk) {
          size += chunk.length;
          if (size > MAX_ANSWER) given.abort(new Error('The answer is too large'));
          else chunks.push(chunk);
        },
        onResponseEnd: () => end({ kind: 'answered', status, body: Buffer.concat(chunks) }),
        onResponseError: (_controller, error) => fail(error),
      },
    );
  });
}
