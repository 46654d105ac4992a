import { setTimeout as pause } from 'node:timers/promises';
import type { ClientInput, ContactImport, conversationApi, ImportError } from '@recado/contracts';
import type { FastifyRequest } from 'fastify';
import type { GatewayDeps } from '../deps.ts';
import type { CallContext } from '../edge/call-context.ts';
import { readForm } from '../files/read-upload.ts';

/** How the rows are to be read; null: they wait for another call. */
export type ImportOrder = ClientInput<typeof conversationApi.startImport>['body'] | null;

/** Bytes of the text that maps two hundred columns. */
const MAX_FIELD_BYTES = 32 * 1024;
/** A file of so many rows is answered when it is imported. */
const SMALL_ROWS = 1000;
const WAIT_MS = 8000;
const LOOK_MS = 150;
/** Errors beside an import; the rest is a list of its own. */
const SHOWN_ERRORS = 1000;

/**
 * Reads a form with a file of contacts and starts its import. A small one is waited for.
 * @param readOrder parses the form's other fields; it throws for what is wrong with them
 * @returns null for a form without a file
 */
export async function submitImport(
  request: FastifyRequest,
  deps: GatewayDeps,
  call: CallContext,
  readOrder: (fields: Record<string, string>) => ImportOrder,
): Promise<ContactImport | null> {
  const { conversation } = deps.clients;
  const pass = deps.imports.upload;
  const { file, fields } = await readForm(request, call, (source, about) => pass(source, about, call), MAX_FIELD_BYTES);
  if (!file) return null;
  const params = { importId: file.id };
  try {
    const body = readOrder(fields);
    if (body === null) return file;
    const started = await conversation.startImport({ params, body }, call);
    return started.total > SMALL_ROWS ? started : await waitForEnd(deps, call, started);
  } catch (error) {
    // No client knows its id, and its rows would stay for a day.
    await conversation.cancelImport({ params }, call).catch(() => undefined);
    throw error;
  }
}

/** The import once it has ended, or as it is after a few seconds. */
async function waitForEnd({ clients }: GatewayDeps, call: CallContext, started: ContactImport): Promise<ContactImport> {
  const deadline = performance.now() + WAIT_MS;
  for (let one = started; ; one = await clients.conversation.getImport({ params: { importId: started.id } }, call)) {
    if (one.endedAt !== null || performance.now() > deadline) return one;
    await pause(LOOK_MS);
  }
}

/** The first errors of an import. */
export async function firstErrors(
  { clients }: GatewayDeps,
  call: CallContext,
  { id: importId, invalid }: ContactImport,
): Promise<ImportError[]> {
  if (invalid === 0) return [];
  const query = { limit: SHOWN_ERRORS };
  return (await clients.conversation.listImportErrors({ params: { importId }, query }, call)).items;
}

/** Pages of errors to the last one. */
export async function* allErrors(
  { clients }: GatewayDeps,
  call: CallContext,
  importId: string,
): AsyncGenerator<ImportError[]> {
  for (let cursor: string | undefined = 'start'; cursor !== undefined; ) {
    const query: { limit: number; cursor: string } = { limit: SHOWN_ERRORS, cursor };
    const { items, nextCursor } = await clients.conversation.listImportErrors({ params: { importId }, query }, call);
    yield items;
    cursor = nextCursor ?? undefined;
  }
}
