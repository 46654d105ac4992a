import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SERVICES = fileURLToPath(new URL('../services/', import.meta.url));

/** See docs/decisions/2026-11-29-services-are-defined-as-data.md. */
const LINES = { 'service.ts': 40, 'main.ts': 5 };

const cases = readdirSync(SERVICES).flatMap((service) =>
  Object.entries(LINES).map(([file, most]) => [service, file, most] as const),
);

it.each(cases)('%s: %s has at most %i lines', (service, file, most) => {
  const lines = readFileSync(`${SERVICES}${service}/src/${file}`, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.length).toBeLessThanOrEqual(most);
});
