import { foldText, type Tx } from '@recado/database';
import { phoneVariants } from '@recado/service-kit/phone';
import { phoneIdentity } from './book-store.ts';

/**
 * The contacts' ids; of too many to name some of them. Then a list goes in its order, and `holds`
 * tests each row of `k`.
 */
export interface Found {
  ids: string[];
  holds?: (tx: Tx) => ReturnType<Tx>;
}

/** Both ways cost the same at about this many of 100,000 contacts. */
const MOST = 1000;
/** Fewer letters have no trigram of their own. */
const TRIGRAM = 3;

/**
 * The contacts whose name, company, e-mail, user name or phone holds the text, in any case and
 * accents. One or two letters must begin a word. A phone is found in each spelling.
 */
export async function searchContacts(tx: Tx, tenantId: string, search: string): Promise<Found> {
  const texts = textsOf(search);
  const [rows, owner] = await Promise.all([
    tx<{ id: string }[]>`
      select distinct f.id from unnest(${texts.map(patternOf)}::text[]) as p (pattern)
      cross join lateral find_contacts(p.pattern, ${MOST + 1}) as f (id)`,
    findByPhone(tx, tenantId, search),
  ]);
  const ids = [...new Set([...rows, ...owner].map(({ id }) => id))];
  return rows.length <= MOST ? { ids } : { ids, holds: (own) => holdsAny(own, texts) as unknown as ReturnType<Tx> };
}

/** The text as it is, and as a part of a phone. */
function textsOf(search: string): string[] {
  const folded = foldText(search);
  const words = folded.length < TRIGRAM ? ` ${folded}` : folded;
  const digits = digitsOf(search);
  return digits !== null && digits !== words ? [words, digits] : [words];
}

function digitsOf(search: string): string | null {
  const digits = search.replaceAll(/[\s().+-]/g, '');
  return /^\d{3,15}$/.test(digits) ? digits : null;
}

const patternOf = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;

const holdsAny = (tx: Tx, texts: readonly string[]) => tx`
  exists (select from unnest(${texts as string[]}::text[]) as p (part)
          where strpos(contact_text(k.name, k.company, k.email, k.username, k.phone), p.part) > 0)`;

/** The owner of a whole phone, which may be kept in another spelling. */
function findByPhone(tx: Tx, tenantId: string, search: string): Promise<readonly { id: string }[]> {
  const digits = digitsOf(search);
  if (digits === null || phoneVariants(digits).length < 2) return Promise.resolve([]);
  const { kind, value } = phoneIdentity(tenantId, `+${digits}`);
  return tx<{ id: string }[]>`
    select i.contact_id as id from contact_identities i
    where i.tenant_id = ${tenantId} and i.kind = ${kind} and i.value = ${value}`.execute();
}
