import type { Dispatcher } from 'undici';
import type { OpenBody, StreamedBody } from './streamed-body.ts';

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
  body?: string | StreamedBody;
  timeoutMs: number;
}

/** Answers of an API are small; one without an end must not fill the memory. */
const MAX_ANSWER = 1024 * 1024;

/** One HTTP call that never rejects. A file that cannot be read is a call that was not sent. */
export async function callOnce(dispatcher: Dispatcher, call: Call): Promise<CallOutcome> {
  const { body } = call;
  if (typeof body !== 'object') return dispatchOnce(dispatcher, call, body ?? null);
  let open: OpenBody;
  try {
    open = await body.open();
  } catch (error) {
    return { kind: 'not-sent', error: error instanceof Error ? error : new Error(String(error)) };
  }
  const headers = { ...call.headers, 'content-length': String(body.length) };
  const outcome = await dispatchOnce(dispatcher, { ...call, headers }, open);
  open.stream.destroy();
  return outcome;
}

/**
 * One HTTP call that never rejects, without redirects and retries. It watches undici's "request
 * starts", because a reset has one code for the handshake and for the answer.
 */
function dispatchOnce(dispatcher: Dispatcher, call: Call, body: string | OpenBody | null): Promise<CallOutcome> {
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
    const streamed = typeof body === 'object' ? body : null;
    // A request that broke off within its body can't be carried out.
    const fail = (error: Error) => end({ kind: started && (streamed?.isWhole() ?? true) ? 'lost' : 'not-sent', error });
    const timer = setTimeout(() => {
      const error = new Error(`No answer within ${call.timeoutMs} ms`);
      fail(error);
      controller?.abort(error);
    }, call.timeoutMs);

    dispatcher.dispatch(
      {
        origin: call.origin,
        path: call.path,
        method: call.method,
        headers: call.headers,
        body: streamed?.stream ?? (body as string | null),
      },
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
