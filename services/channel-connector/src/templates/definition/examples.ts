import { type FileKind, findNamedFaults, type NamedFile, type TemplateComponent } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../../deps.ts';
import { openFile } from '../../provider-files/open-file.ts';
import { type SentFileRow, selectFiles } from '../../provider-files/store.ts';
import type { Outcome } from '../../providers/outcome.ts';
import type { OpenAccount } from '../accounts/owner.ts';
import { toAppError } from '../sent/refusals.ts';
import { type Fields, isFields, readParts, textOf } from './definition.ts';

type FileDeps = Pick<Deps, 'db' | 'providers' | 'storage' | 'spool' | 'converter'>;
type Components = readonly TemplateComponent[];

/** A file of ours that a header shows as its example. */
interface Example extends NamedFile {
  header: Fields;
}

/** Examples of a template with their files, all of them fit to be sent. */
export interface CheckedExamples {
  examples: Example[];
  files: ReadonlyMap<string, SentFileRow>;
}

const KINDS: Partial<Record<string, FileKind>> = { IMAGE: 'image', VIDEO: 'video', GIF: 'video', DOCUMENT: 'document' };

function examplesOf(components: Components): Example[] {
  const parts = readParts(components);
  return [parts, ...parts.cards].flatMap(({ header }) => {
    const kind = header && KINDS[header.format];
    const fileId = header && isFields(header.source.example) ? textOf(header.source.example.file_id) : '';
    if (!kind || fileId === '') return [];
    return [{ fileId, kind, field: `${header.at}.example.file_id`, header: header.source }];
  });
}

/**
 * Finds the files that a template names, before anything goes out.
 * @throws ValidationFailed naming each field whose file is unknown, not ready, or not taken
 */
export async function checkExamples(
  { db, providers }: FileDeps,
  tenantId: string,
  providerName: string,
  components: Components,
): Promise<CheckedExamples> {
  const examples = examplesOf(components);
  const limits = providers.get(providerName)?.templates?.examples.limits;
  if (examples.length === 0 || !limits) return { examples: [], files: new Map() };
  const ids = [...new Set(examples.map(({ fileId }) => fileId))];
  const [rows] = await readTenant(db, tenantId, (tx) => [selectFiles(tx, tenantId, ids)]);
  const files = new Map(rows.map((row) => [row.id, row]));
  const errors = findNamedFaults(examples, files, limits);
  if (errors.length > 0) throw new ValidationFailed(errors);
  return { examples, files };
}

/**
 * Brings the files to the provider, each once, and puts its handles in their place.
 * @throws as toAppError
 */
export async function bringExamples(
  deps: FileDeps,
  account: OpenAccount,
  { examples, files }: CheckedExamples,
  components: TemplateComponent[],
): Promise<TemplateComponent[]> {
  if (examples.length === 0) return components;
  const outcomes = new Map<string, Outcome<string>>();
  await Promise.all(
    [...files].map(async ([id, row]) => {
      outcomes.set(id, await bring(deps, account, row));
    }),
  );
  const handles = new Map<Fields, string>();
  for (const { fileId, field, header } of examples) {
    const outcome = outcomes.get(fileId)!;
    if (outcome.kind !== 'ok') throw toAppError(account.provider, outcome, field);
    handles.set(header, outcome.value);
  }
  return components.map((component) => withHandle(component, handles));
}

async function bring(deps: FileDeps, { templates, owner }: OpenAccount, row: SentFileRow): Promise<Outcome<string>> {
  const { file, release } = await openFile(deps, row, 'original');
  try {
    return await templates.examples.upload(owner, file);
  } finally {
    await release();
  }
}

function withHandle<T extends Fields>(component: T, handles: ReadonlyMap<Fields, string>): T {
  const handle = handles.get(component);
  if (handle !== undefined) return { ...component, example: { header_handle: [handle] } };
  if (!Array.isArray(component.cards)) return component;
  const cards = component.cards.map((card: unknown) =>
    isFields(card) && Array.isArray(card.components)
      ? { ...card, components: card.components.map((one) => (isFields(one) ? withHandle(one, handles) : one)) }
      : card,
  );
  return { ...component, cards };
}
