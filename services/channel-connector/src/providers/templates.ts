import type { FieldError, FileLimits, Template, TemplateComponent } from '@recado/contracts';
import type { ProviderNumber } from './number.ts';
import type { OutboundFile } from './outbound-file.ts';
import type { Outcome, Refusal } from './outcome.ts';

/** An account at the provider, with what opens it. */
export interface TemplateOwner<Account = unknown> {
  accountId: string;
  account: Account;
}

/** A template as the provider has it. */
export interface ProviderTemplate {
  id: string;
  name: string;
  language: string;
  category: Template['category'];
  previousCategory: Template['category'] | null;
  nextCategory: Template['category'] | null;
  status: Template['status'];
  /** In the provider's words. */
  reason: string | null;
  quality: Template['quality'];
  parameterFormat: Template['parameterFormat'];
  components: TemplateComponent[];
}

export type TemplateDraft = Pick<Template, 'name' | 'language' | 'category' | 'parameterFormat' | 'components'>;

/** What the provider made of a draft. It may choose another category. */
export type Submitted = Pick<ProviderTemplate, 'id' | 'status' | 'category'>;

/** What a refusal means: the name is taken, or a field is wrong. */
export type TemplateProblem =
  | 'taken'
  | { field: 'name' | 'category' | 'language' | 'components'; code: FieldError['code'] };

/** What a webhook tells of one template. */
export interface TemplateChange {
  /** The provider's id; null when only the name is told. */
  id: string | null;
  name: string;
  language: string;
  status?: Template['status'];
  /** It is gone. */
  deleted?: boolean;
  /** Of a status, in the provider's words; null for none. */
  reason?: string | null;
  quality?: Template['quality'];
  category?: Template['category'];
  /** The provider will change the category to this one; null when it did. */
  nextCategory?: Template['category'] | null;
  /** The texts changed: how they are now has to be read. */
  componentsChanged?: boolean;
  /** The provider's time; null when it gave none. */
  at: string | null;
}

/** Files that show the reviewers what a template will carry. */
export interface TemplateExamples<Account = unknown> {
  limits: FileLimits;
  /** Brings a file to the provider; the value is the handle that a template names it by. */
  upload(owner: TemplateOwner<Account>, file: OutboundFile): Promise<Outcome<string>>;
}

/** Message templates of a provider. */
export interface ProviderTemplates<Account = unknown> {
  /** The id of the account that a number belongs to; null when the provider does not say. */
  findAccount(number: ProviderNumber<Account>): Promise<Outcome<{ accountId: string | null }>>;
  /** A page of all templates; `next` goes into `after`. */
  list(
    owner: TemplateOwner<Account>,
    after: string | null,
  ): Promise<Outcome<{ items: ProviderTemplate[]; next: string | null }>>;
  /** Creates a template, which submits it for review. */
  create(owner: TemplateOwner<Account>, draft: TemplateDraft): Promise<Outcome<Submitted>>;
  /** Changes a template that it has, which submits it again. */
  edit(
    owner: TemplateOwner<Account>,
    id: string,
    change: Partial<Pick<TemplateDraft, 'category' | 'components'>>,
  ): Promise<Outcome<{ done: true }>>;
  /** Deletes a template in one language. One that is gone already counts as deleted. */
  remove(owner: TemplateOwner<Account>, template: { id: string; name: string }): Promise<Outcome<{ done: true }>>;
  examples: TemplateExamples<Account>;
  /** What a refusal of a draft or change is about; null when that is not known. */
  problemOf(refusal: Refusal): TemplateProblem | null;
}
