/** Addresses WPPConnect makes of `phone`, which is one, a list, or several with commas. */
export function contactsOf(body: Record<string, unknown>): string[] {
  const given = Array.isArray(body.phone) ? body.phone : String(body.phone ?? '').split(/\s*[,;]\s*/);
  const contacts: string[] = [];
  for (const one of given) {
    const bare = String(one).split('@')[0]!;
    const user = body.isGroup || body.isNewsletter ? bare : bare.replace(/[^\w ]/g, '');
    if (user === '') continue;
    const lid = body.isLid === true || user.length > 14;
    const server = body.isGroup ? 'g.us' : body.isNewsletter ? 'newsletter' : lid ? 'lid' : 'c.us';
    contacts.push(`${user}@${server}`);
  }
  return contacts;
}

export const serialized = (jid: string) => {
  const [user, server] = jid.split('@');
  return { server, user, _serialized: jid };
};
