import { scrub } from '@recado/service-kit';

/** A receiver's answer without our secrets, and without what looks like one of its own. */
export function redactText(text: string, secrets: readonly string[]): string {
  const bare = secrets.flatMap((secret) => [secret, secret.replace(/^whsec_/, '')]);
  return scrub(bare.reduce((rest, secret) => rest.replaceAll(secret, '***'), text));
}
