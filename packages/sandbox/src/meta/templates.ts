import type { Ids } from '../ids.ts';
import { GraphError } from './errors.ts';
import { type Fields, invalid, isFields, needText } from './fields.ts';

export interface Template {
  id: string;
  wabaId: string;
  name: string;
  language: string;
  category: string;
  parameterFormat: 'POSITIONAL' | 'NAMED';
  status: 'APPROVED' | 'PENDING' | 'REJECTED' | 'PAUSED' | 'DISABLED';
  components: Fields[];
}

export interface TemplateStore {
  /** Makes a template; throws GraphError when name and language are taken. */
  create(wabaId: string, input: Fields, status: Template['status']): Template;
  /** Gives an account the template that every account starts with. */
  ensureHelloWorld(wabaId: string): void;
  list(wabaId: string): Template[];
  find(wabaId: string, name: string, language: string): Template | null;
  remove(wabaId: string, match: (template: Template) => boolean): number;
  clear(): void;
}

const categories = ['MARKETING', 'UTILITY', 'AUTHENTICATION'];
const MAX_PER_ACCOUNT = 6000;

export function createTemplateStore(ids: Ids): TemplateStore {
  const accounts = new Map<string, Template[]>();
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
    const name = needText(input.name, 'name', 512);
    if (!/^[a-z0-9_]+$/.test(name))
      throw invalid('Param name must be lowercase alphanumeric characters and underscores.');
    const language = needText(input.language, 'language', 16);
    const category = String(input.category ?? '').toUpperCase();
    if (!categories.includes(category))
      throw invalid(`Param category must be one of {${categories.join(', ')}} - got "${category}".`);
    const components = Array.isArray(input.components) ? input.components.filter(isFields) : [];
    if (!components.some((component) => String(component.type).toUpperCase() === 'BODY')) {
      throw new GraphError(100, {
        message: 'Invalid parameter',
        details: 'A template needs a BODY component.',
        subcode: 2388023,
      });
    }
    if (find(wabaId, name, language)) {
      throw new GraphError(100, {
        message: 'Invalid parameter',
        details: `There is already ${language} content for this template. You can create a new template and try again.`,
        subcode: 2388024,
      });
    }
    if (of(wabaId).length >= MAX_PER_ACCOUNT)
      throw new GraphError(100, { details: 'Too many templates.', subcode: 2388019 });
    const parameterFormat =
      String(input.parameter_format ?? 'POSITIONAL').toUpperCase() === 'NAMED' ? 'NAMED' : 'POSITIONAL';
    const template: Template = {
      id: ids.object(),
      wabaId,
      name,
      language,
      category,
      parameterFormat,
      status,
      components,
    };
    of(wabaId).push(template);
    return template;
  };

  return {
    create,
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
    remove(wabaId, match) {
      const kept = of(wabaId).filter((template) => !match(template));
      const removed = of(wabaId).length - kept.length;
      accounts.set(wabaId, kept);
      return removed;
    },
    clear: () => accounts.clear(),
  };
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
    id: template.id,
  };
}

const placeholders = (text: unknown): Set<string> =>
  new Set([...String(text ?? '').matchAll(/\{\{\s*([a-zA-Z0-9_]+)\s*\}\}/g)].map((match) => match[1]!));

/**
 * Checks a template send against the template: its being there, its state, its parameters. Throws
 * GraphError.
 */
export function checkTemplateSend(store: TemplateStore, wabaId: string, sent: Fields): void {
  const name = String(sent.name);
  const language = String((sent.language as Fields).code);
  const template = store.find(wabaId, name, language);
  if (!template) throw new GraphError(132001, { details: `template name (${name}) does not exist in ${language}` });
  if (template.status === 'PAUSED') throw new GraphError(132015, { details: `template (${name}) is paused` });
  if (template.status === 'DISABLED') throw new GraphError(132016, { details: `template (${name}) is disabled` });
  if (template.status !== 'APPROVED') {
    throw new GraphError(132001, { details: `template name (${name}) does not exist in ${language}` });
  }
  const given = Array.isArray(sent.components) ? sent.components.filter(isFields) : [];
  for (const kind of ['HEADER', 'BODY']) {
    const component = template.components.find((one) => String(one.type).toUpperCase() === kind);
    if (!component) continue;
    const format = String(component.format ?? 'TEXT').toUpperCase();
    const wanted = format === 'TEXT' ? placeholders(component.text) : new Set(['media']);
    const part = given.find((one) => String(one.type).toUpperCase() === kind);
    const parameters = part && Array.isArray(part.parameters) ? part.parameters.filter(isFields) : [];
    const label = kind.toLowerCase();
    if (parameters.length !== wanted.size) {
      throw new GraphError(132000, {
        details: `${label}: number of localizable_params (${parameters.length}) does not match the expected number of params (${wanted.size})`,
      });
    }
    for (const parameter of parameters) checkParameter(template, label, format, wanted, parameter);
  }
}

function checkParameter(
  template: Template,
  label: string,
  format: string,
  wanted: Set<string>,
  parameter: Fields,
): void {
  const type = String(parameter.type).toLowerCase();
  if (format !== 'TEXT') {
    if (type !== format.toLowerCase()) {
      throw new GraphError(132012, {
        details: `${label}: Format mismatch, expected ${format}, received ${type.toUpperCase()}`,
      });
    }
    return;
  }
  if (!['text', 'currency', 'date_time'].includes(type)) {
    throw new GraphError(132012, {
      details: `${label}: Format mismatch, expected TEXT, received ${type.toUpperCase()}`,
    });
  }
  if (type === 'text' && (typeof parameter.text !== 'string' || parameter.text === '')) {
    throw new GraphError(131008, { details: `${label}: parameter of type text is missing text value` });
  }
  if (template.parameterFormat === 'NAMED' && !wanted.has(String(parameter.parameter_name))) {
    throw new GraphError(132000, {
      details: `${label}: Parameter name is missing or does not exist (${String(parameter.parameter_name)})`,
    });
  }
}
