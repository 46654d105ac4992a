import type { Edition } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { editionDocuments } from '../../services/gateway/src/docs.ts';
import { nameOf, readEditionDocument } from '../support/documents.ts';
import type {} from '../support/system-setup.ts';
import { createFixture, type Fixture } from './fixture.ts';
import { type Outcome, playEdition } from './flow.ts';
import { readHeld } from './held.ts';
import { TABLES } from './tables.ts';

/**
 * Declares the tests of one edition: each documented endpoint that has a step answers as its
 * document shows.
 */
export function testEdition(edition: Edition): void {
  describe(`the documented examples of ${edition}`, () => {
    const document = readEditionDocument(edition);
    const table = TABLES[edition];
    const tried = Object.keys(table).filter((name) => table[name]!.calls);
    let fixture: Fixture | undefined;
    let outcomes: Map<string, Outcome>;

    beforeAll(async () => {
      fixture = await createFixture(inject('mesh'));
      const played = await playEdition(fixture.gateway, document, table, fixture);
      outcomes = new Map(played.map((outcome) => [outcome.endpoint, outcome]));
    });
    afterAll(() => fixture?.stop());

    it.each(tried)('%s answers as documented', (name) => {
      expect(outcomes.get(name)!.faults).toEqual([]);
    });

    it('tries every documented endpoint that the gateway serves', async () => {
      const served = await servedPaths(edition);
      const untried = document.endpoints.filter(
        (endpoint) =>
          served.has(`${endpoint.method} ${withoutNames(endpoint.url)}`) && !tried.includes(nameOf(endpoint)),
      );
      expect(untried.map(nameOf)).toEqual([]);
    });

    it('asks each documented permission', () => {
      const other = document.endpoints.filter((endpoint) => {
        const row = table[nameOf(endpoint)];
        return row && endpoint.permission !== null && row.access.needs !== endpoint.permission;
      });
      expect(other.map(nameOf)).toEqual([]);
    });

    it('holds what the record says that it holds', () => {
      const held = [...outcomes.values()].filter(({ holds }) => holds).map(({ endpoint }) => endpoint);
      expect(held, 'after a change: npm run acceptance -- --write').toEqual(readHeld()[edition]);
    });
  });
}

async function servedPaths(edition: Edition): Promise<Set<string>> {
  const { paths } = (await editionDocuments())[edition] as { paths: Record<string, object> };
  return new Set(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${withoutNames(path)}`),
    ),
  );
}

/** `/chats/:id` and `/chats/{id}` → `/chats/*` */
const withoutNames = (path: string): string => path.replace(/:\w+|\{\w+\}/g, '*');
