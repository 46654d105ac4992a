import { readFileSync } from 'node:fs';
import { WEBHOOK_EVENTS, WEBHOOK_PERMISSIONS } from '@recado/contracts';
import { describe, expect, it } from 'vitest';

const text = readFileSync(new URL('../docs/webhooks.md', import.meta.url), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => /^\| `[\w.-]+`/.test(line))
  .map((line) => line.split('|').slice(1, 4) as [string, string, string]);

describe('docs/webhooks.md', () => {
  it.each(Object.entries(WEBHOOK_EVENTS))('names %s with its type and what its maker needs', (name, { event }) => {
    const row = rows.find(([names]) => names.includes(`\`${name}\``));
    expect([name, row]).toEqual([name, expect.any(Array)]);
    const [names, type, permission] = row!;
    // Several names share a row: the first one's type stands there.
    if (names.trim().startsWith(`\`${name}\``)) expect(type).toContain(`\`${event.type}\``);
    expect(permission).toContain(`\`${WEBHOOK_PERMISSIONS[name as keyof typeof WEBHOOK_PERMISSIONS]}\``);
  });
});
