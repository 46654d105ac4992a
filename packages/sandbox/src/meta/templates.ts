import type { Ids } from '../ids.ts';
import { GraphError } from './errors.ts';
import type { Fields } from './fields.ts';
import { type Category, type Definition, readCategory, readComponents, readDefinition } from './template-definition.ts';
import { refuseTemplate } from './template-errors.ts';

export type TemplateStatus =
  | 'APPROVED'
  | 'PENDING'
  | 'REJECTED'
  | 'PAUSED'
  | 'DISABLED'
  | 'IN_APPEAL'
  | 'PENDING_DELETION'
  | 'LIMIT_EXCEEDED'
  | 'ARCHIVED'
  | 'LOCKED';

export interface Template extends Definition {
  id: string;
  wabaId: string;
  status: TemplateStatus;
  rejectedReason: string;
  quality: 'GREEN' | 'YELLOW' | 'RED' | 'UNKNOWN';
  previousCategory: Category | null;
  /** The category that it will get. */
  correctCategory: Category | null;
  /** When it was edited while approved. */
  editedAt: number[];
}

export interface TemplateStore {
  /** Makes a template. Throws GraphError for what Meta refuses. */
  create(wabaId: string, input: Fields, status: TemplateStatus): Template;
  /** Replaces components or category. Throws GraphError beyond Meta's limits of edits. */
  edit(template: Template, input: Fields, now: number): void;
  /** Gives an account the template that every account starts with. */
  ensureHelloWorld(wabaId: string): void;
  list(wabaId: string): Template[];
  find(wabaId: string, name: string, language: string): Template | null;
  findById(id: string): Template | null;
  remove(wabaId: string, match: (template: Template) => boolean): Template[];
  clear(): void;
}

const MAX_PER_ACCOUNT = 6000;
const DAY = 24 * 3600 * 1000;
const EDITS_A_DAY = 1;
const EDITS_A_MONTH = 10;

export function createTemplateStore(ids: Ids): TemplateStore {
  const accounts = new Map<string, Template[]>();
  /** Names of approved templates that were deleted: they stay taken for 30 days. */
  const deleted = new Map<string, number>();
  const of = (wabaId: string): Template[] => {
    let list = accounts.get(wabaId);
    if (!list) {
      list = [];
      accounts.set(wabaId, list);
    }
    return list;
  };
  const find: TemplateStore['find'] = (wabaId, name, language) =>
    accounts.get(wabaId)?.find((template) => template.name === name && template.language === language) ?? null;

  const create: TemplateStore['create'] = (wabaId, input, status) => {
    const definition = readDefinition(input);
    const { name, language } = definition;
    if (find(wabaId, name, language)) {
      throw refuseTemplate(
        2388024,
        'Content in this language already exists',
        `There is already ${language} content for this template. You can create a new template and try again.`,
      );
    }
    if ((deleted.get(`${wabaId} ${name} ${language}`) ?? 0) > Date.now() - 30 * DAY) {
      throw refuseTemplate(
        2388023,
        'Message template language is being deleted',
        `New ${language} content can't be added while the existing ${language} content is being deleted. Try again in 4 weeks or consider creating a new message template.`,
      );
    }
    if (of(wabaId).length >= MAX_PER_ACCOUNT) {
      throw refuseTemplate(2388019, 'Template limit exceeded', 'This account has too many message templates.');
    }
    const template: Template = {
      ...definition,
      id: ids.object(),
      wabaId,
      status,
      rejectedReason: 'NONE',
      quality: 'UNKNOWN',
      previousCategory: null,
      correctCategory: null,
      editedAt: [],
    };
    of(wabaId).push(template);
    return template;
  };

  return {
    create,
    edit,
    ensureHelloWorld(wabaId) {
      if (find(wabaId, 'hello_world', 'en_US')) return;
      const components = [
        { type: 'HEADER', format: 'TEXT', text: 'Hello World' },
        {
          type: 'BODY',
          text: 'Welcome and congratulations!! This message demonstrates your ability to send a message.',
        },
        { type: 'FOOTER', text: 'WhatsApp Business Platform sample message' },
      ];
      create(wabaId, { name: 'hello_world', language: 'en_US', category: 'UTILITY', components }, 'APPROVED');
    },
    list: (wabaId) => [...(accounts.get(wabaId) ?? [])],
    find,
    findById: (id) => [...accounts.values()].flat().find((template) => template.id === id) ?? null,
    remove(wabaId, match) {
      const gone = of(wabaId).filter(match);
      for (const { name, language, status } of gone) {
        if (status === 'APPROVED') deleted.set(`${wabaId} ${name} ${language}`, Date.now());
      }
      accounts.set(
        wabaId,
        of(wabaId).filter((template) => !gone.includes(template)),
      );
      return gone;
    },
    clear() {
      accounts.clear();
      deleted.clear();
    },
  };
}

function edit(template: Template, input: Fields, now: number): void {
  const cannot = (why: string) =>
    new GraphError(100, {
      message: 'Invalid parameter',
      userTitle: "Message template can't be edited",
      userMessage: why,
    });
  const unknown = Object.keys(input).find(
    (key) => !['category', 'components', 'message_send_ttl_seconds'].includes(key),
  );
  if (unknown)
    throw cannot(`You can only edit a template's category, components, or time-to-live, not its ${unknown}.`);
  if (!['APPROVED', 'REJECTED', 'PAUSED'].includes(template.status)) {
    throw cannot('Only templates with an APPROVED, REJECTED, or PAUSED status can be edited.');
  }
  const category = input.category === undefined ? template.category : readCategory(input.category);
  const components =
    input.components === undefined
      ? template.components
      : readComponents(input.components, category, template.parameterFormat);
  if (template.status === 'APPROVED') {
    if (category !== template.category) throw cannot('You cannot edit the category of an approved template.');
    const since = (ms: number) => template.editedAt.filter((at) => at > now - ms).length;
    if (since(DAY) >= EDITS_A_DAY) throw cannot('An approved template can be edited once in 24 hours.');
    if (since(30 * DAY) >= EDITS_A_MONTH) throw cannot('An approved template can be edited 10 times in 30 days.');
    template.editedAt.push(now);
  }
  template.category = category;
  template.components = components;
}

/** A template as the Graph API shows it. */
export function templateView(template: Template): Fields {
  return {
    name: template.name,
    parameter_format: template.parameterFormat,
    components: template.components,
    language: template.language,
    status: template.status,
    category: template.category,
    ...(template.previousCategory && { previous_category: template.previousCategory }),
    ...(template.correctCategory && { correct_category: template.correctCategory }),
    rejected_reason: template.rejectedReason,
    quality_score: { score: template.quality, date: Math.floor(Date.now() / 1000) },
    id: template.id,
  };
}

/** What an answer without `fields` leaves out. */
export const ONLY_ASKED_FOR: readonly string[] = ['rejected_reason', 'quality_score', 'correct_category'];
