import { filesOf, type KnownFiles, type OutboundContent, type StoredFile } from '@recado/contracts';
import type { Deps } from '../../deps.ts';
import type { SendContext } from './accept.ts';
import { completeFor, completeTemplate } from './check-template.ts';
import type { Checked } from './consent.ts';

/** Content with what the connector knows of it, asked for before any transaction. */
export interface Prepared extends Checked {
  /** As its sender wrote it: `content` has all parts of a template. */
  given: OutboundContent;
  /** The files of ours that it names. */
  files: KnownFiles;
}

type Asker = Pick<SendContext, 'caller' | 'context'>;

/**
 * Completes a template, and finds the files of content.
 * @throws as completeTemplate; Unavailable when the connector does not tell of a file
 */
export async function prepareContent(
  deps: Pick<Deps, 'channels'>,
  by: Asker,
  channelId: string,
  given: OutboundContent,
): Promise<Prepared> {
  return withFiles(deps, by, given, await completeTemplate(deps, by, channelId, given));
}

/** The same for a conversation. */
export async function prepareFor(
  deps: Pick<Deps, 'db' | 'channels'>,
  by: Asker,
  conversationId: string,
  given: OutboundContent,
): Promise<Prepared> {
  return withFiles(deps, by, given, await completeFor(deps, by, conversationId, given));
}

/** The file that a message shows: the first that it names. */
export const shownFile = ({ content, files }: Prepared): StoredFile | null => {
  const [named] = filesOf(content);
  return named ? (files.get(named.fileId) ?? null) : null;
};

async function withFiles(
  { channels }: Pick<Deps, 'channels'>,
  { caller, context }: Asker,
  given: OutboundContent,
  checked: Checked,
): Promise<Prepared> {
  const ids = [...new Set(filesOf(checked.content).map(({ fileId }) => fileId))];
  const found = await Promise.all(
    ids.map(async (id) => [id, await channels.findFile(caller.tenantId, id, context)] as const),
  );
  return { ...checked, given, files: new Map(found) };
}
