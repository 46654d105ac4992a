import { identityApi, type Tenant } from '@recado/contracts';
import { createClient, createInternalTokens, serviceCaller } from '@recado/service-kit';
import { DATA_DIR, findRunning } from './running.ts';
import { internalTokensOf, loadSecrets } from './secrets.ts';

/** Identity as the operator's commands ask it: of all tenants. */
export type OperatorIdentity = ReturnType<typeof connectOperator>;

/**
 * The identity of RECADO_IDENTITY_URL, else of the npm start that runs here; null when there is
 * neither.
 */
export function findIdentity(): OperatorIdentity | null {
  const { RECADO_IDENTITY_URL: url, RECADO_INTERNAL_KEY: key = '' } = process.env;
  if (url && key) {
    const publicKeys = process.env.RECADO_INTERNAL_PUBLIC_KEYS ?? '';
    const keys = { RECADO_INTERNAL_KEY: key.replaceAll('\\n', '\n'), RECADO_INTERNAL_PUBLIC_KEYS: publicKeys };
    return connectOperator(url, createInternalTokens('operator', keys));
  }
  const running = findRunning()?.urls;
  return running ? connectOperator(running.identity, internalTokensOf('operator', loadSecrets(DATA_DIR))) : null;
}

export function connectOperator(baseUrl: string, tokens: ReturnType<typeof createInternalTokens>) {
  const client = createClient(identityApi, { baseUrl, tokens, name: 'identity' });
  // No tenant's: what it asks for is above them all.
  const context = { caller: serviceCaller('operator', '00000000-0000-0000-0000-000000000000') };

  /** Every tenant that matches, page by page. */
  async function* search(text?: string): AsyncGenerator<Tenant> {
    const limit = 100;
    for (let page = 1; ; page++) {
      const query = { page, limit, ...(text ? { search: text } : {}) };
      const { items } = await client.listTenants({ query }, context);
      yield* items;
      if (items.length < limit) return;
    }
  }

  async function getBySlug(slug: string): Promise<Tenant> {
    for await (const one of search(slug)) if (one.slug === slug) return one;
    throw new Error(`No tenant has the slug ${slug}.`);
  }

  return { baseUrl, client, context, search, getBySlug };
}
